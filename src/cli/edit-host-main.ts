#!/usr/bin/env node
import { editHostProgram } from './program.ts'
import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()
process.exitCode = await run(editHostProgram(terminal), process.argv, terminal)
