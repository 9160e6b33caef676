import { readHostLog } from '../../../commands/host-log.ts'
import type { Host } from '../../../core/host.ts'
import { agoText, spanText } from '../../../core/words.ts'
import type { Install, Store } from '../../../store/store.ts'

const MOST_LINES = 200

/** What a host's machine said: its boot scripts' and installers' reports, and its console by syslog, the newest first. */
export async function consoleView(store: Store, { id }: Host, now: number) {
  const { entries } = await readHostLog(store, { host: id, limit: MOST_LINES })
  const said = entries.flatMap((entry) => {
    if (entry.kind === 'line') return [{ at: entry.line.at, who: entry.line.app ?? 'console', text: entry.line.text }]
    return entry.event.type === 'report' ? [{ at: entry.event.at, who: 'report', text: entry.event.text }] : []
  })
  return said
    .map(({ at, who, text }) => ({ ago: agoText(at, now), iso: new Date(at).toISOString(), who, text }))
    .reverse()
}

/** How long each stage of a host's newest install took, and how long it has been in the last one. */
export async function stagesView(store: Store, install: Install | undefined, now: number) {
  if (install === undefined) return []
  const stages = await store.stagesOf(install.boot)
  const { stage, since } = install.progress
  const isOver = stage === 'finished' || stage === 'configured'
  const past = stages.map((one) => ({ stage: one.stage as string, took: spanText(one.took), isNow: false }))
  return isOver ? past : [...past, { stage: stage ?? 'files', took: spanText(now - since), isNow: true }]
}
