#!/usr/bin/env node
import { run } from './run.ts'
import { serverAlone } from './serve.ts'
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()
// A server has for long in its memory what it was started with: 3 MB, when that is all subcommands.
const make = process.argv[2] === 'serve' ? serverAlone : (await import('./program.ts')).metalspray
process.exitCode = await run(make(terminal), process.argv, terminal)
