import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { prepare } from './run.ts'
import { addServeOptions, readServeSettings } from './serve-settings.ts'
import { waitForStop } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

const EXAMPLES = `
Examples:
  metalspray serve                                       beside a DHCP server that you have
  metalspray serve --interface eth1                      with dnsmasq on eth1
  metalspray serve --interface eth1 --proxy              dnsmasq beside a foreign DHCP server
  metalspray serve --interface eth1 --range 10.0.0.100,10.0.0.200

Every flag can be a variable instead: METALSPRAY_PORT=5000.`

/** The program with `serve` as its only subcommand. */
export function serverAlone(terminal: Terminal): Command {
  const program = prepare(new Command('metalspray'), terminal)
  addServe(program, terminal)
  return program
}

/** Adds `serve`: the server, until it is told to stop. */
export function addServe(program: Command, terminal: Terminal): void {
  const command = program.command('serve').description('answer machines that boot from the network')
  addServeOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const settings = readServeSettings(command, terminal)
      // How much, in percent, the heap may grow before it is cleaned. By itself V8 lets that of a busy server become five times as large.
      setFlagsFromString('--heap-growing-percent=25')
      // What many machines leave at once V8 takes for something that lasts, and from then on makes all like it where it is seldom cleaned.
      setFlagsFromString('--no-allocation-site-pretenuring')
      // The second of V8's two compilers for what runs often: what it needs for its own work stays with the process, 25 MB, and what it makes
      // gives way to what the third one makes within seconds.
      setFlagsFromString('--no-maglev')
      // What is left of the requests of a moment is little: one thread has moved it before others are awake.
      setFlagsFromString('--no-parallel-scavenge')
      // While it looks for what is left in the whole heap, V8 would clean the young generation not at all, but let it become five times as large.
      setFlagsFromString('--no-separate-gc-phases')
      // MB, for the threads that are to come, in which little is made: the first one has its own by now. A limit of theirs would give way to this.
      setFlagsFromString('--max-semi-space-size=1')
      // Loaded here, so that the short commands start without a web server's modules.
      const { serve } = await import('../serve.ts')
      using stop = waitForStop(terminal, 'stopping; running downloads may end. Once more to stop at once')
      await serve(settings, stop.signal, (reload) => process.on('SIGHUP', reload))
    })
}
