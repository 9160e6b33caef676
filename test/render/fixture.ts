import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { bootUrls } from '../../src/core/boot-urls.ts'
import { type Host, newHost } from '../../src/core/host.ts'
import { parseMac } from '../../src/core/identity.ts'
import type { Image } from '../../src/core/image.ts'
import type { BootScriptRequest } from '../../src/render/boot-data.ts'
import { openTemplates, type TemplateSet } from '../../src/render/templates.ts'

export const BUILTIN = join(import.meta.dirname, '..', '..', 'templates')
export const BOOTID = '0123456789abcdef0123456789abcdef'

/** A template set over directories that a test fills, with a clock that it turns. */
export interface Fixture {
  readonly templates: TemplateSet
  /** Writes a file below `operator/` or `images/`. */
  readonly write: (file: string, text: string) => void
  readonly clock: { now: number }
}

export function templatesOf(t: TestContext, files: { readonly [file: string]: string } = {}): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  const clock = { now: 0 }
  const operator = join(directory, 'operator')
  const images = join(directory, 'images')
  const hide = (host: Host) => host
  const templates = openTemplates({ operator, builtin: BUILTIN, images, hide, now: () => clock.now })
  return { templates, write, clock }
}

export function hostWith(changes: Partial<Host> = {}): Host {
  const identity = {
    macs: [parseMac('02:00:00:00:00:0a'), parseMac('02:00:00:00:00:0b')],
    serial: 'SN-1',
    uuid: '0f0e0d0c-0b0a-0908-0706-050403020100',
  }
  return { id: 7, ...newHost(identity, 0), ...changes }
}

export function imageNamed(name: string, kind = 'linux'): Image {
  return { name, kind, label: undefined, parts: {}, kernelOptions: '', bytes: 0, changedAt: 0 }
}

export function requestFor(changes: Partial<BootScriptRequest> = {}): BootScriptRequest {
  return {
    host: hostWith(),
    urls: bootUrls('http://10.77.0.1:5000', 7, BOOTID),
    server: { address: '10.77.0.1', port: 5000 },
    bootid: BOOTID,
    decision: { kind: 'wait' },
    load: undefined,
    ...changes,
  }
}

/** A request of a host that gets an image. */
export function installOf(name: string, changes: Partial<BootScriptRequest> = {}): BootScriptRequest {
  const host = hostWith({ state: 'installing', plan: { images: [name], end: 'finished' } })
  return requestFor({ host, decision: { kind: 'install', image: imageNamed(name) }, ...changes })
}
