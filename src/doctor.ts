import { randomInt } from 'node:crypto'
import type { DoctorDeps } from './commands/doctor/deps.ts'
import type { Finding } from './commands/doctor/finding.ts'
import { ProvisionError } from './core/errors.ts'
import type { DhcpSettings } from './dhcp.ts'
import { cardOf } from './neighbours.ts'
import { FIRMWARES } from './netboot/firmware.ts'
import { PACKAGE_TEMPLATES } from './package.ts'

/** What the doctor needs to know of the server's settings. */
export interface DoctorSettings
  extends Pick<
    DoctorDeps,
    'data' | 'images' | 'templates' | 'baseUrl' | 'port' | 'adminHost' | 'adminPort' | 'adminCert' | 'ipxe' | 'path'
  > {
  readonly dhcp: DhcpSettings | undefined
}

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

/**
 * The doctor of a server that runs. Who asks while it is at work gets what comes of that: it has one port 68 to listen at.
 * @param settings read when it is asked: the ports are known only once the doors are open
 */
export function openDoctor(settings: () => DoctorSettings, signal: AbortSignal): () => Promise<readonly Finding[]> {
  let running: Promise<readonly Finding[]> | undefined
  return () => {
    running ??= examine(settings(), signal).finally(() => {
      running = undefined
    })
    return running
  }
}

async function examine(settings: DoctorSettings, signal: AbortSignal): Promise<readonly Finding[]> {
  // Loaded here, as a server is seldom asked.
  const { runDoctor } = await import('./commands/doctor/run-doctor.ts')
  try {
    return await runDoctor(doctorDeps(settings), signal)
  } catch (error) {
    if (signal.aborted) throw new ProvisionError('unavailable', 'the server is stopping; ask again')
    throw error
  }
}
