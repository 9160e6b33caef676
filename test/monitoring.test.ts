import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { adminServer } from './http/admin/admin-server.ts'

const DOCS = join(import.meta.dirname, '../docs')
const NAMES = /\b(?:metalspray|nodejs|process)_\w+/g

test('what the dashboard, the alerts and the manual speak of is measured', async (t) => {
  const { admin } = await adminServer(t)
  const { body } = await admin.inject({ url: '/metrics' })
  const measured = new Set([...body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name))
  const { panels } = JSON.parse(read('monitoring/grafana.json')) as { panels: { targets: { expr: string }[] }[] }
  const { groups } = parse(read('monitoring/alerts.yml')) as { groups: { rules: { expr: string }[] }[] }
  const spoken = [
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...(read('monitoring.md').match(/(?<=`)(?:metalspray|nodejs|process)_\w+(?=`)/g) ?? []),
  ]
  for (const text of spoken) for (const [name] of text.matchAll(NAMES)) assert.ok(measured.has(name), name)
  const ours = [...measured].filter((name) => name?.startsWith('metalspray_'))
  for (const name of ours)
    assert.match(read('monitoring.md'), new RegExp(`\`${name}\``), `${name} is not in the manual`)
})

function read(file: string): string {
  return readFileSync(join(DOCS, file), 'utf8')
}
