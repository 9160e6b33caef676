/** Set by `enter.ts` for everything that runs in a lab: the folder for disks and logs, removed at the end. */
export const LAB_VARIABLE = 'METALSPRAY_LAB'

/** The folder of this run, for disks, logs and sockets. */
export function requireLab(): string {
  const directory = process.env[LAB_VARIABLE]
  if (directory === undefined || directory === '') {
    throw new Error('labs are built inside a process that may do so: run `node test/lab/enter.ts PROGRAM …`')
  }
  return directory
}
