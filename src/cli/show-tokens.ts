import ms from 'ms'
import type { AccessEvent } from '../core/access.ts'
import { type AccessToken, tokenState } from '../core/token.ts'
import type { Terminal } from './terminal.ts'
import { ago, columns, printable } from './text.ts'

/** Prints tokens as a table. */
export function showTokens(terminal: Terminal, tokens: readonly AccessToken[]): void {
  if (tokens.length === 0) {
    terminal.say('there are no tokens; `metalspray token create NAME --role admin` makes one')
    return
  }
  const now = terminal.now()
  const rows = tokens.map((token) => [
    token.name,
    token.role,
    endOf(token, now),
    ago(token.usedAt, now),
    ago(token.createdAt, now),
    printable(token.createdBy ?? '-'),
  ])
  print(terminal, ['Name', 'Role', 'Ends', 'Used', 'Made', 'By'], rows)
}

function endOf(token: AccessToken, now: number): string {
  const state = tokenState(token, now)
  if (state !== 'live') return state
  return token.expiresAt === undefined ? 'never' : `in ${ms(token.expiresAt - now)}`
}

/** Prints who came to the admin door, oldest first. */
export function showAccessEvents(terminal: Terminal, events: readonly AccessEvent[]): void {
  if (events.length === 0) {
    terminal.say('nobody has come yet')
    return
  }
  const now = terminal.now()
  const rows = events.map(({ at, type, by, address, text }) => [
    ago(at, now),
    type,
    printable(by ?? '-'),
    printable(address ?? '-'),
    printable(text),
  ])
  print(terminal, ['When', 'Event', 'By', 'From', 'What'], rows)
}

function print(terminal: Terminal, head: readonly string[], rows: readonly string[][]): void {
  const [first = '', ...lines] = columns(head, rows)
  terminal.out(terminal.colors.bold(first))
  for (const line of lines) terminal.out(line)
}
