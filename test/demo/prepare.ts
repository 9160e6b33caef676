import { debianKernel } from '../lab/debian-kernel.ts'
import { runProgram } from '../lab/run-program.ts'

/** What has to come over the network before the lab, which has no way out, is entered: says so when it takes long. */
const told = setTimeout(() => say("Fetching Debian's kernel (once) ..."), 1500)
try {
  await debianKernel().catch(withFreshLists)
} catch (error) {
  say(`error: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  clearTimeout(told)
}

/** Images of containers come without apt's lists. Only root can mend that; another user is told to. */
async function withFreshLists(error: unknown): Promise<unknown> {
  if (process.getuid?.() !== 0) throw error
  say('Updating the lists of packages ...')
  await runProgram('apt-get', ['update', '-q'])
  return await debianKernel()
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
