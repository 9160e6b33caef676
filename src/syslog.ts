import { LineKeeper } from './commands/keep-lines.ts'
import type { HeardFrom } from './core/heard-from.ts'
import type { Logger } from './log.ts'
import type { Store } from './store/store.ts'
import { receiveSyslog, type SyslogAddress } from './syslog/receiver.ts'

/** How often it is said what was not kept, in ms. */
const REPORT_EVERY = 60_000

/**
 * Waits for what consoles and installers say, and writes it into the timelines of their hosts.
 * @throws {ProvisionError} unavailable, when the port is taken or not for this user
 */
export async function startSyslog(
  address: SyslogAddress,
  parts: { readonly store: Store; readonly heard: HeardFrom; now(): number; readonly log: Logger },
): Promise<AsyncDisposable> {
  const { store, heard, log } = parts
  const keeper = new LineKeeper(parts, (error) => log.warn({ err: error }, 'lines of syslog are lost'))
  const receiver = await receiveSyslog(address, keeper, () => performance.now())
  // Machines go on speaking while the server starts again.
  const hosts = (await store.listHosts()).toSorted((a, b) => (a.seenAt ?? 0) - (b.seenAt ?? 0))
  for (const host of hosts) if (host.address !== undefined) heard.note(host.address, { host: host.id, boot: undefined })
  let told = keeper.counts
  const report = setInterval(() => {
    const { counts } = keeper
    const isNew = (['unmatched', 'refused', 'dropped'] as const).some((what) => counts[what] > told[what])
    if (isNew) log.info(counts, 'lines of syslog that were not kept: unmatched came from no address of a host')
    told = counts
  }, REPORT_EVERY)
  log.info(`syslog on ${address.host}:${receiver.port}, UDP and TCP`)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(report)
      await receiver[Symbol.asyncDispose]()
      await keeper[Symbol.asyncDispose]()
    },
  }
}
