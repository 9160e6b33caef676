import type { FirmwareArch } from '../../core/boot-program.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { Network } from '../../dnsmasq/interface.ts'
import { findIpxe, IPXE_NAMES } from '../../dnsmasq/ipxe-files.ts'
import { checkBootFiles } from './check-boot-files.ts'
import { checkCertificate } from './check-certificate.ts'
import { checkClock } from './check-clock.ts'
import { checkDatabase } from './check-database.ts'
import { askServers } from './check-dhcp.ts'
import { checkDisk } from './check-disk.ts'
import { checkFolders } from './check-folders.ts'
import { checkImages } from './check-images.ts'
import { checkInterface, noNetwork } from './check-interface.ts'
import { checkPorts } from './check-ports.ts'
import { checkDnsmasq, checkIpxe } from './check-programs.ts'
import { checkServer } from './check-server.ts'
import { checkTemplates } from './check-templates.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, LEVELS } from './finding.ts'
import { type BootFile, judgeAnswers } from './judge-answers.ts'
import { type ChosenNetwork, chooseNetwork, readWrittenConfig } from './network.ts'

type Check = (signal: AbortSignal) => Promise<readonly Finding[]>

/**
 * Tries the whole chain as a machine would, and looks at all that it stands on. Changes nothing: no address is taken, no host made, no
 * boot opened, no file written. A check that takes too long is a finding, and keeps none of the others from ending.
 * @returns the worst first
 */
export async function runDoctor(deps: DoctorDeps, signal: AbortSignal): Promise<readonly Finding[]> {
  const chosen = tryNetwork(deps)
  const network = chosen instanceof ProvisionError ? undefined : chosen
  const limited = (name: string, check: Check, more = 0) => within(name, deps.limitMs + more, { check, signal })
  const found = await Promise.all([
    limited('interface', async () =>
      chosen instanceof ProvisionError ? [noNetwork(chosen, deps.interface)] : checkInterface(deps, chosen),
    ),
    network === undefined ? [] : limited('dhcp', (stop) => tryChain(deps, network.network, stop), 3 * deps.waitMs),
    limited('server', (stop) => checkServer(deps, baseOf(deps, network), stop)),
    limited('ports', () => checkPorts(deps, network?.network.address)),
    limited('dnsmasq', (stop) => checkDnsmasq(deps, stop)),
    limited('ipxe', () => checkIpxe(deps)),
    limited('clock', () => checkClock(deps)),
    limited('certificate', () => checkCertificate(deps)),
    limited('disk', () => checkDisk(deps)),
    limited('folders', () => checkFolders(deps)),
    limited('database', (stop) => checkDatabase(deps, stop)),
    limited('images', (stop) => checkImages(deps, stop)),
    limited('templates', () => checkTemplates(deps)),
  ])
  return found.flat().toSorted((one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level))
}

/** A boot as far as the network goes: who answers, with what, and whether that can be fetched and started. */
async function tryChain(deps: DoctorDeps, network: Network, signal: AbortSignal): Promise<readonly Finding[]> {
  const { answers, findings } = await askServers(deps, network, signal)
  if (answers === undefined) return [...findings, ...(await checkBootFiles(usualFiles(deps, network), signal))]
  if (answers.length === 0) return findings // one finding says it
  const archs = new Set(Object.keys(findIpxe(deps.ipxe)) as FirmwareArch[])
  const expected = { ...network, archs }
  const judged = deps.firmwares.map((firmware) =>
    judgeAnswers(
      firmware,
      answers.filter((answer) => answer.firmware.name === firmware.name),
      expected,
    ),
  )
  const fetched = await checkBootFiles(
    judged.flatMap(({ files }) => files),
    signal,
  )
  return [...findings, ...judged.flatMap((one) => one.findings), ...fetched]
}

/** What machines are told when all is as the server wrote it: for those who may not ask DHCP. */
function usualFiles(deps: DoctorDeps, network: Network): readonly BootFile[] {
  const base = baseOf(deps, { network, reason: '' })
  const hasTftp = readWrittenConfig(deps.data)?.interface === network.interface
  const installed = findIpxe(deps.ipxe)
  return deps.firmwares.flatMap((firmware): readonly BootFile[] => {
    const { starts, byHttp } = firmware
    if (starts === 'script') return [{ firmware, file: `${base}/bootstrap.ipxe`, server: undefined }]
    if (installed[starts] === undefined) return []
    if (byHttp) return [{ firmware, file: `${base}/ipxe/${IPXE_NAMES[starts]}`, server: undefined }]
    return hasTftp ? [{ firmware, file: IPXE_NAMES[starts], server: network.address }] : []
  })
}

/** The address of the boot door, as machines are told it. */
function baseOf({ baseUrl, port }: DoctorDeps, chosen: ChosenNetwork | undefined): string | undefined {
  return baseUrl ?? (chosen === undefined ? undefined : `http://${chosen.network.address}:${port}`)
}

function tryNetwork(deps: DoctorDeps): ChosenNetwork | ProvisionError {
  try {
    return chooseNetwork(deps)
  } catch (error) {
    if (error instanceof ProvisionError) return error
    throw error
  }
}

interface Limited {
  readonly check: Check
  readonly signal: AbortSignal
}

async function within(name: string, limitMs: number, { check, signal }: Limited): Promise<readonly Finding[]> {
  const late = AbortSignal.timeout(limitMs)
  const why = 'what it looks at is stuck or very slow: a disk, a server that answers by halves'
  try {
    return await raced(check, AbortSignal.any([signal, late]))
  } catch (error) {
    signal.throwIfAborted()
    const what = late.aborted
      ? `the check of ${name} did not end within ${limitMs / 1000} s`
      : `the check of ${name} failed: ${error instanceof Error ? error.message : String(error)}`
    return [fail(`check-${name}`, what, { why, mend: 'run the doctor again; when it stays, mend what is slow' })]
  }
}

/** A check that does not heed its signal is left to itself. */
async function raced(check: Check, signal: AbortSignal): Promise<readonly Finding[]> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([check(signal), promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
