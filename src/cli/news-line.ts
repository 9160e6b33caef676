import type { News } from '../commands/follow.ts'
import { namedEventJson, progressJson } from '../commands/host-json.ts'
import { isJsonObject } from '../core/json.ts'

/** What one line of `watch` tells, as other programs read it. It comes from the database, or as JSON from a server. */
export type NewsLine = EventLine | ProgressLine

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

export function lineOf(news: News): NewsLine {
  if (news.kind === 'progress') return { kind: 'progress', ...progressJson(news.install) }
  const { at, ...event } = namedEventJson(news.event)
  return { kind: 'event', ...event, at: at ?? '' }
}

/** Reads what a server sent; `undefined` for what this version does not know. */
export function readLine(name: string | undefined, data: string): NewsLine | undefined {
  const value = parse(data)
  if (!isJsonObject(value) || !isNumber(value['host']) || !isText(value['text'])) return undefined
  if (value['name'] !== null && !isText(value['name'])) return undefined
  if (name === 'progress') return { ...value, kind: 'progress' } as unknown as ProgressLine
  const isEvent = name === undefined && isText(value['at']) && isText(value['type']) && isNumber(value['id'])
  return isEvent ? ({ ...value, kind: 'event' } as unknown as EventLine) : undefined
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
