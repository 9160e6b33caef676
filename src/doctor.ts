import { randomInt } from 'node:crypto'
import type { DoctorDeps } from './commands/doctor/deps.ts'
import { cardOf } from './neighbours.ts'
import { FIRMWARES } from './netboot/firmware.ts'
import { PACKAGE_TEMPLATES } from './package.ts'
import type { ServeSettings } from './serve.ts'

/** What the doctor needs to know of the server's settings. */
export type DoctorSettings = Pick<
  ServeSettings,
  'data' | 'images' | 'templates' | 'baseUrl' | 'port' | 'adminHost' | 'adminPort' | 'ipxe' | 'path' | 'dhcp'
>

/** dnsmasq and others first try for three seconds whether an address is free before they offer it. */
const WAIT_MS = 4000
const LIMIT_MS = 20_000

/** Gives the doctor the settings of a server, and this system to look at. */
export function doctorDeps({ dhcp, ...settings }: DoctorSettings, waitMs = WAIT_MS): DoctorDeps {
  return {
    ...settings,
    interface: dhcp?.interface,
    range: dhcp?.range,
    proxy: dhcp?.proxy ?? false,
    builtinTemplates: PACKAGE_TEMPLATES,
    proc: '/proc',
    sys: '/sys',
    firmwares: FIRMWARES,
    waitMs,
    limitMs: LIMIT_MS,
    cardOf,
    now: Date.now,
    random: () => randomInt(2 ** 32),
  }
}
