import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'metalspray-lab-'
const OWNER = 'owner'
const MINUTE = 60_000

/** A new folder for one run, marked with the process that owns it. */
export function makeRunDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), PREFIX))
  writeFileSync(join(directory, OWNER), `${process.pid} ${startTime(process.pid)}`)
  return directory
}

/**
 * Removes what killed runs left: only folders stay behind, as the kernel clears the rest. A folder belongs to a live run
 * when its process exists and was started at the same time, since process ids come again.
 */
export function sweepRunDirectories(): void {
  for (const entry of readdirSync(tmpdir())) {
    if (!entry.startsWith(PREFIX)) continue
    const directory = join(tmpdir(), entry)
    if (isAbandoned(directory)) rmSync(directory, { recursive: true, force: true })
  }
}

function isAbandoned(directory: string): boolean {
  try {
    if (statSync(directory).uid !== process.getuid?.()) return false
    const [pid, started] = readFileSync(join(directory, OWNER), 'utf8').split(' ')
    return startTime(Number(pid)) !== started
  } catch {
    // No owner yet: another run is just about to write it. After a minute, it is not.
    const made = statSync(directory, { throwIfNoEntry: false })?.mtimeMs
    return made !== undefined && Date.now() - made > MINUTE
  }
}

/** When a process was started, in the kernel's ticks; `gone` when there is none. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name stands in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'gone'
  } catch {
    return 'gone'
  }
}
