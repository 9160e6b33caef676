import type { News } from '../commands/follow.ts'
import { lineJson, namedEventJson, progressJson } from '../commands/host-json.ts'
import { isJsonObject } from '../core/json.ts'

/** What one line of `watch` tells, as other programs read it. It comes from the database, or as JSON from a server. */
export type NewsLine = EventLine | ProgressLine | ConsoleLineText

export interface EventLine {
  readonly kind: 'event'
  readonly id: number
  readonly host: number
  readonly name: string | null
  readonly boot: number | null
  readonly at: string
  readonly type: string
  readonly text: string
  readonly by: string | null
}

export interface ProgressLine {
  readonly kind: 'progress'
  readonly host: number
  readonly name: string | null
  readonly text: string
}

/** What the console of a host said. */
export interface ConsoleLineText {
  readonly kind: 'line'
  readonly id: number
  readonly host: number
  readonly boot: number | null
  readonly at: string
  readonly severity: number | null
  readonly app: string | null
  readonly text: string
}

export function lineOf(news: News): NewsLine {
  if (news.kind === 'progress') return { kind: 'progress', ...progressJson(news.install) }
  if (news.kind === 'line') {
    const { at, ...line } = lineJson(news.line)
    return { kind: 'line', ...line, at: at ?? '' }
  }
  const { at, ...event } = namedEventJson(news.event)
  return { kind: 'event', ...event, at: at ?? '' }
}

/** Reads what a server sent, by the name under which it came; `undefined` for what this version does not know. */
export function readLine(name: string | undefined, data: string): NewsLine | undefined {
  return toLine(name ?? 'event', parse(data))
}

/** The same of what was read already. */
export function toLine(kind: unknown, value: unknown): NewsLine | undefined {
  if (!isJsonObject(value) || !isNumber(value['host']) || !isText(value['text'])) return undefined
  if (kind === 'progress' && hasName(value)) return { ...value, kind } as unknown as ProgressLine
  if (!isNumber(value['id']) || !isText(value['at'])) return undefined
  if (kind === 'line') return { ...value, kind } as unknown as ConsoleLineText
  return kind === 'event' && isText(value['type']) && hasName(value)
    ? ({ ...value, kind } as unknown as EventLine)
    : undefined
}

function hasName({ name }: { readonly name?: unknown }): boolean {
  return name === null || isText(name)
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
