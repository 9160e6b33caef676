import type { Host } from '../host.ts'
import type { FindImage } from '../image.ts'
import type { InstallProgress } from '../install-progress.ts'
import type { Sign, SignKind } from '../sign.ts'

/** `act`: the machine stands until a person does something. `look`: it may be meant so. `none`: it goes on by itself, or is done. */
export const ATTENTION_LEVELS = ['none', 'look', 'act'] as const

export type AttentionLevel = (typeof ATTENTION_LEVELS)[number]

/** What a host is in, finer than its state: the reasons why a machine does not boot what one thinks that it should, and the rest. */
export const ATTENTION_CASES = [
  'unknown',
  'unassigned',
  'expired',
  'protected',
  'conflict',
  'image',
  'module',
  'fetch',
  'kickstart',
  'no-answer',
  'architecture',
  'template',
  'stalled',
  'looping',
  'failed',
  'held',
  'report',
  'queued',
  'waiting',
  'installing',
  'finished',
] as const

export type AttentionCase = (typeof ATTENTION_CASES)[number]

/** Whether a person has to look at a host, and why. */
export interface Attention {
  readonly level: AttentionLevel
  readonly what: AttentionCase
  /** One sentence of plain words, with what to do at a shell. */
  readonly why: string
  /** What is so, alone. */
  readonly wrong: string
  /** What to do for somebody who has the pages before him; empty when nothing is to be done. */
  readonly todo: string
}

/** What is to be said of a host. */
export interface Said {
  /** What is so; one sentence without its end. */
  readonly wrong: string
  /** What to do at a shell; empty when the sentence says it. */
  readonly shell: string
  /** What to do on the pages. */
  readonly page: string
}

/** An install that has come no further for too long. */
export interface Stall {
  /** When that was found, in ms since 1970. */
  readonly at: number
  /** What was seen last and the likely cause. */
  readonly why: string
}

/** All that is known of one host. */
export interface KnownHost {
  readonly host: Host
  /** Its newest install. */
  readonly install:
    | { readonly boot: number; readonly progress: InstallProgress; readonly stalled?: Stall | undefined }
    | undefined
  readonly sign: Sign | undefined
  /** What the loader or the installer of its next image would refuse, where that was looked for. */
  readonly problems?: readonly string[] | undefined
  /** The images that there are, where that is known. */
  readonly findImage?: FindImage | undefined
}

/** A host as it is now, with what is known of it. */
export interface Seen extends KnownHost {
  /** In ms since 1970. */
  readonly now: number
}

/** Whether a sign is of the newest boot of the host, or came after it. */
export function isNewest({ host, sign }: Seen, kind: SignKind): boolean {
  return sign?.kind === kind && sign.at >= (host.seenAt ?? 0)
}

/** Whether the machine has got nothing since. */
export function isOpen({ install, sign }: Seen, kind: SignKind): boolean {
  if (sign?.kind !== kind) return false
  if (install === undefined || install.progress.heardAt <= sign.at) return true
  // A boot that only begins has not come to where the last one failed.
  const { stage } = install.progress
  return install.boot !== sign.boot && (stage === 'loader' || stage === 'kernel' || stage === 'modules')
}

/** Without what would stand before a colon or the end. */
export function sentence(text: string): string {
  return text.trim().replace(/[.:;\s]+$/, '')
}

/** A machine that stands until a person does something. */
export function act(what: AttentionCase, said: Said): Attention {
  return tell('act', what, said)
}

/** What may be meant so. */
export function look(what: AttentionCase, said: Said): Attention {
  return tell('look', what, said)
}

/** What needs nobody. */
export function none(what: AttentionCase, wrong: string): Attention {
  return tell('none', what, { wrong, shell: '', page: '' })
}

function tell(level: AttentionLevel, what: AttentionCase, { wrong, shell, page }: Said): Attention {
  return { level, what, why: shell === '' ? wrong : `${wrong}: ${shell}`, wrong, todo: page }
}
