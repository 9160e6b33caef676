/**
 * How long a page of a list of hosts takes: `node bench/host-lists.ts [HOSTS]`. Each against reading all hosts, as a list without
 * pages does.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ListDeps, type ListRequest, listHosts } from '../src/commands/list-hosts.ts'
import { makeStore } from '../src/commands/open-store.ts'
import { fillDatabase } from './fleet.ts'
import { formatTable, machine, median } from './table.ts'

const ROUNDS = 15
const FIRST: ListRequest = { filter: {}, order: 'id', isDescending: false, after: undefined, limit: 100 }

const hosts = Number(process.argv[2] ?? 100_000)

const PAGES: Readonly<Record<string, Partial<ListRequest>>> = {
  'the first': {},
  'in the midst': { after: { id: Math.floor(hosts / 2), name: undefined } },
  'by name': { order: 'name' },
  'by name, from the end': { order: 'name', isDescending: true },
  'state=finished, by name': { filter: { state: 'finished' }, order: 'name' },
  'state=failed': { filter: { state: 'failed' } },
  'q= a part of one serial': { filter: { text: `00${hosts.toString(36)}` } },
  'q= a part of all serials': { filter: { text: 'cz2b' } },
  'q= what nobody has': { filter: { text: 'nobody has this' } },
  'image=leap': { filter: { image: 'leap' } },
  'protected=true': { filter: { protected: true } },
  'attention=act': { attention: 'act' },
}

const folder = mkdtempSync(join(tmpdir(), 'metalspray-bench-'))
try {
  await fillDatabase(folder, hosts)
  await using store = makeStore(folder)
  const deps: ListDeps = { store, now: Date.now }
  const times: { page: string; found: number; ms: number }[] = []
  for (const [page, request] of Object.entries(PAGES)) {
    const measured: number[] = []
    let found = 0
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      found = (await listHosts(deps, { ...FIRST, ...request })).hosts.length
      measured.push(performance.now() - start)
    }
    times.push({ page, found, ms: median(measured) })
  }
  const start = performance.now()
  const all = (await store.listHosts()).length
  const whole = performance.now() - start
  const rows = [...times, { page: 'all hosts at once', found: all, ms: whole }]
  console.log(`${hosts} hosts; ${machine()}; the middle of ${ROUNDS} rounds\n`)
  console.log(
    formatTable(
      rows.map(({ page, found, ms }) => ({ page, found, ms: ms.toFixed(1), 'of all': (ms / whole).toFixed(3) })),
    ),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
