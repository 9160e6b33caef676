/** Something in a kickstart that the installer would not do as it was meant. */
export interface Problem {
  /** The rule's own name, for tools: `rootpw`, `network-gateway`. */
  readonly rule: string
  /** Counted from 1; 0 when it is not in one line. */
  readonly line: number
  /** An error stops the installer, or keeps the host from being what the file says; a warning does not. */
  readonly severity: 'error' | 'warning'
  /** What is wrong and what to do. */
  readonly text: string
}

/** Where a problem is. */
export interface Place {
  readonly line: number
}

export function errorAt({ line }: Place, rule: string, text: string): Problem {
  return { rule, line, severity: 'error', text }
}

export function warningAt({ line }: Place, rule: string, text: string): Problem {
  return { rule, line, severity: 'warning', text }
}

/** The file as a whole. */
export const WHOLE_FILE: Place = { line: 0 }

/** A problem as one sentence, its line and its rule in front. */
export function describeProblem({ line, rule, text }: Problem): string {
  return `kickstart${line > 0 ? `, line ${line}` : ''} (${rule}): ${text}`
}
