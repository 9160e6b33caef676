/** How bad a finding is: `fail` keeps machines from booting, `warn` some of them or later, `note` is good to know. */
export type Level = 'ok' | 'note' | 'warn' | 'fail'

/** One thing that was looked at, and what came of it. */
export interface Finding {
  /** Stays the same over releases, so that scripts and docs/doctor.md can name it: `dhcp-no-answer`. */
  readonly id: string
  readonly level: Level
  readonly what: string
  /** Why it matters. */
  readonly why: string
  /** The command that mends it, or what to do where no command does; absent when all is well. */
  readonly mend?: string
}

/** Worst first, for lists. */
export const LEVELS: readonly Level[] = ['fail', 'warn', 'note', 'ok']

export function ok(id: string, what: string, why: string): Finding {
  return { id, level: 'ok', what, why }
}

export function note(id: string, what: string, rest: Rest): Finding {
  return { id, level: 'note', what, ...rest }
}

export function warn(id: string, what: string, rest: Rest): Finding {
  return { id, level: 'warn', what, ...rest }
}

export function fail(id: string, what: string, rest: Rest): Finding {
  return { id, level: 'fail', what, ...rest }
}

type Rest = Required<Pick<Finding, 'why' | 'mend'>>
