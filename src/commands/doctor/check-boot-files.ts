import { isIpxe, programFormat } from '../../core/boot-program.ts'
import { ProvisionError } from '../../core/errors.ts'
import { readHttp } from '../../netboot/read-http.ts'
import { readTftp } from '../../netboot/read-tftp.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import type { BootFile } from './judge-answers.ts'

/** More than any iPXE with all that there is in it. */
const LARGEST = 16e6
const INSTALL = 'the server puts iPXE into its place when it starts: apt-get install ipxe, then metalspray serve'

/** What was fetched, or why it was not. */
type Fetched =
  | { readonly bytes: Buffer; readonly status: number; readonly promised: number | undefined }
  | { readonly error: ProvisionError }

/** Fetches what machines were told to start, each file once, and looks whether it is for them. */
export async function checkBootFiles(files: readonly BootFile[], signal: AbortSignal): Promise<readonly Finding[]> {
  const fetched = new Map<string, Promise<Fetched>>()
  return Promise.all(
    files.map(async (one) => {
      const key = `${one.server} ${one.file}`
      const running = fetched.get(key) ?? fetchFile(one, signal)
      fetched.set(key, running)
      return judge(one, await running)
    }),
  )
}

async function fetchFile({ server, file }: BootFile, signal: AbortSignal): Promise<Fetched> {
  try {
    if (server === undefined) return await readHttp({ url: file, largest: LARGEST, signal })
    const { bytes } = await readTftp({ server, file, largest: LARGEST, signal })
    return { bytes, status: 200, promised: bytes.length }
  } catch (error) {
    if (error instanceof ProvisionError) return { error }
    throw error
  }
}

function judge(asked: BootFile, fetched: Fetched): Finding {
  const id = `file-${asked.firmware.name}`
  const why = 'a machine starts what it is sent, whatever it is'
  const name = asked.server === undefined ? asked.file : `${asked.file} on ${asked.server}`
  if ('error' in fetched) return notFetched(id, name, { asked, error: fetched.error })
  const { status, promised, bytes } = fetched
  if (status !== 200)
    return fail(id, `${name} is answered with ${status}`, { why, mend: `curl -I ${asked.file}; ${INSTALL}` })
  if (asked.server === undefined && promised !== bytes.length) {
    const what = `${name} has ${bytes.length} bytes, and HEAD says ${promised ?? 'nothing of its length'}`
    return fail(id, what, {
      why: 'UEFI firmware makes room by what HEAD says, and takes no file without',
      mend: `curl -I ${asked.file}`,
    })
  }
  const size = `${Math.ceil(bytes.length / 1000)} kB`
  const fault = asked.firmware.starts === 'script' ? faultOfScript(bytes) : faultOfProgram(asked, bytes)
  if (fault?.level === 'fail') return fail(id, `${name} (${size}) ${fault.what}`, { why, mend: INSTALL })
  if (fault !== undefined)
    return warn(id, `${name} (${size}) ${fault.what}`, {
      why,
      mend: `right when you put it there; otherwise: ${INSTALL}`,
    })
  const is = asked.firmware.starts === 'script' ? 'metalspray’s script' : `iPXE for ${asked.firmware.who}`
  return ok(id, `${name} (${size}) is ${is}`, why)
}

function notFetched(
  id: string,
  name: string,
  { asked, error }: { readonly asked: BootFile; readonly error: ProvisionError },
): Finding {
  const what = `${name} could not be fetched: ${error.message}`
  const why = 'a machine that is told to start it stays where it is'
  if (asked.server === undefined)
    return fail(id, what, { why, mend: `metalspray serve; when it runs, a firewall: curl -I ${asked.file}` })
  const firewall = 'a firewall: TFTP answers from another port (nft list ruleset; conntrack helper tftp)'
  return fail(id, what, { why, mend: error.kind === 'unavailable' ? `ss -ulpn 'sport = :69'; ${firewall}` : INSTALL })
}

interface Fault {
  readonly level: 'warn' | 'fail'
  readonly what: string
}

function faultOfScript(bytes: Buffer): Fault | undefined {
  if (programFormat(bytes).format !== 'script') return { level: 'fail', what: 'is no iPXE script' }
  return bytes.includes('/bootstrap?') ? undefined : { level: 'warn', what: 'is a script, but not metalspray’s' }
}

function faultOfProgram({ firmware: { starts, who } }: BootFile, bytes: Buffer): Fault | undefined {
  const program = programFormat(bytes)
  if (program.format === 'script') return { level: 'fail', what: `is a script; ${who} starts programs` }
  const is = program.format === 'efi' ? `is an EFI program for ${program.machine}` : 'is no EFI program'
  const suits = program.format === 'efi' ? program.machine === starts : starts === 'bios'
  if (!suits) return { level: 'fail', what: `${is}, which ${who} cannot start` }
  if (isIpxe(bytes)) return undefined
  // What BIOS does not know it runs; what is not iPXE there may hang it without a word.
  return { level: 'warn', what: starts === 'bios' ? 'does not look like iPXE' : `${is}, but does not look like iPXE` }
}
