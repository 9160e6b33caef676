#!/usr/bin/env node
import { Command } from 'commander'
import { setUpEditHost } from './edit-host.ts'
import { prepare, run } from './run.ts'
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()
const program = prepare(new Command('edit-host'), terminal)
setUpEditHost(program, terminal)
process.exitCode = await run(program, process.argv, terminal)
