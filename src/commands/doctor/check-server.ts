import { ProvisionError } from '../../core/errors.ts'
import { readHttp } from '../../netboot/read-http.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, note, ok, warn } from './finding.ts'

const LARGEST = 1 << 20

/**
 * A round trip as iPXE makes it, of which nothing stays: first the constant script, then `/bootstrap` without anything by which a machine
 * could be known. That is refused, by a script, before there is a host or a boot.
 */
export async function checkServer(
  admin: Pick<DoctorDeps, 'adminHost' | 'adminPort' | 'adminCert'>,
  base: string | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const boot = base === undefined ? [] : await checkBootDoor(base, signal)
  return [...boot, await checkAdminDoor(adminUrl(admin), signal)]
}

/** The admin door from this machine. */
function adminUrl({ adminHost, adminPort, adminCert }: Parameters<typeof checkServer>[0]): string {
  const here: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }
  const host = here[adminHost] ?? (adminHost.includes(':') ? `[${adminHost}]` : adminHost)
  return `${adminCert === undefined ? 'http' : 'https'}://${host}:${adminPort}`
}

async function checkBootDoor(base: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const first = await checkFirstScript(base, signal)
  return first.level === 'fail' ? [first] : [first, await checkQuestion(base, signal)]
}

const why = 'iPXE fetches a script there that gathers what is known of the machine, and asks what to do'

/** The script that every machine gets, and where it sends them. */
async function checkFirstScript(base: string, signal: AbortSignal): Promise<Finding> {
  const id = 'bootstrap'
  const url = `${base}/bootstrap.ipxe`
  const answer = await tryRead(url, signal)
  if (answer instanceof ProvisionError) {
    const mend = 'metalspray serve; when it runs: --host, --port, and a firewall (nft list ruleset)'
    return fail(id, `${url} does not answer: ${answer.message}`, { why, mend })
  }
  const told = /^set base (\S+)$/m.exec(answer.text)?.[1]
  if (answer.status !== 200 || !answer.text.startsWith('#!ipxe')) {
    const what = `${url} answers ${answer.status}, and no iPXE script`
    return fail(id, what, { why, mend: `another program has the port, or --base-url is wrong: curl -i ${url}` })
  }
  if (told !== undefined && told !== base) {
    const what = `${url} sends machines on to ${told}`
    return note(id, what, {
      why,
      mend: `right when --base-url names that; machines must reach it: curl -i ${told}/bootstrap.ipxe`,
    })
  }
  return ok(id, `${url} is the script that machines start with`, why)
}

async function checkQuestion(base: string, signal: AbortSignal): Promise<Finding> {
  const id = 'bootstrap-answer'
  const url = `${base}/bootstrap`
  const answer = await tryRead(`${url}?v=2`, signal)
  const mend = 'see the server’s log: journalctl -u metalspray'
  if (answer instanceof ProvisionError) return fail(id, `${url} does not answer: ${answer.message}`, { why, mend })
  // Its HEAD has no effect, and is refused.
  if (answer.status === 200 && answer.text.startsWith('#!ipxe')) {
    return ok(id, `${url} answers a machine without identity with a script that says so`, why)
  }
  return fail(id, `${url} answers ${answer.status} instead of a script`, { why, mend })
}

async function checkAdminDoor(base: string, signal: AbortSignal): Promise<Finding> {
  const id = 'admin-door'
  const reason = 'it tells of the server’s health, of its database and of its dnsmasq'
  const answer = await tryRead(`${base}/healthz`, signal)
  if (answer instanceof ProvisionError) {
    const mend = 'metalspray serve; when it runs: --admin-host, --admin-port'
    return warn(id, `the admin door ${base} does not answer: ${answer.message}`, { why: reason, mend })
  }
  const troubles = troublesOf(answer.text)
  if (troubles === undefined) {
    const mend = `another program has the port: ss -tlpn; or name it by --admin-port`
    return warn(id, `${base}/healthz answers ${answer.status}, and not as metalspray does`, { why: reason, mend })
  }
  if (troubles.length > 0) {
    const mend = 'see the server’s log: journalctl -u metalspray'
    return fail(id, `the server has troubles: ${troubles.join(', ')}`, { why: reason, mend })
  }
  return ok(id, `the server says that it is well (${base}/healthz)`, reason)
}

/** What the health check names; `undefined` when it is none of ours. */
function troublesOf(text: string): readonly string[] | undefined {
  try {
    const health = JSON.parse(text) as { readonly status?: unknown; readonly troubles?: unknown } | null
    if (Array.isArray(health?.troubles)) return health.troubles.map(String)
    // What a door that asks for a token tells everybody.
    if (health?.status === 'degraded') return ['it says that not all is well, and more only to who has a token']
    return health?.status === 'ok' ? [] : undefined
  } catch {
    return undefined
  }
}

async function tryRead(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string } | ProvisionError> {
  try {
    // Its certificate is for the name by which people come, and has a check of its own.
    const { bytes, status } = await readHttp({ url, largest: LARGEST, signal, trustsAnybody: url.startsWith('https:') })
    return { status, text: bytes.toString('utf8') }
  } catch (error) {
    if (error instanceof ProvisionError) return error
    throw error
  }
}
