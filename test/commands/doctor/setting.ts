import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { DoctorDeps } from '../../../src/commands/doctor/deps.ts'
import type { Finding } from '../../../src/commands/doctor/finding.ts'
import { doctorDeps } from '../../../src/doctor.ts'
import { tempFolder } from '../../support/stores.ts'

/** A set-up in a folder of its own, with a system of its own that a test describes. */
export interface Setting {
  readonly deps: DoctorDeps
  write(path: string, content: string | Buffer): string
}

export function setting(t: TestContext, more: Partial<DoctorDeps> = {}): Setting {
  const folder = tempFolder(t)
  const usual = doctorDeps({
    ...{ data: join(folder, 'data'), images: join(folder, 'images'), templates: undefined, baseUrl: undefined },
    ...{
      port: 5000,
      adminHost: '127.0.0.1',
      adminPort: 5001,
      adminCert: undefined,
      ipxe: undefined,
      path: '',
      dhcp: undefined,
    },
  })
  for (const made of ['data', 'images']) mkdirSync(join(folder, made))
  return {
    deps: { ...usual, proc: join(folder, 'proc'), sys: join(folder, 'sys'), ...more },
    write(path, content) {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      return file
    },
  }
}

/** `level id` of each finding, for comparisons. */
export function brief(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ level, id }) => `${level} ${id}`)
}

/** The one finding of a kind. */
export function findingOf(findings: readonly Finding[], id: string): Finding {
  const found = findings.filter((finding) => finding.id === id)
  assert.equal(found.length, 1, `${id} in ${brief(findings).join(', ')}`)
  return found[0] as Finding
}
