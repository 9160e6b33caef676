#!/usr/bin/env node
import { metalspray } from './program.ts'
import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()
process.exitCode = await run(metalspray(terminal), process.argv, terminal)
