import { truncate, writeFile } from 'node:fs/promises'
import { craftIso, GOES_ON, ROOT, rootOf, SECTOR } from './craft.ts'

/** Of one piece of a file, in whole sectors. */
const LONGEST = 0xffff_f800

/** Makes what looks like a medium of ESXi with one large file on it; the file is a hole, which takes no room. */
export async function craftMedium(path: string, bytes: number): Promise<string> {
  const pieces = Array.from({ length: Math.ceil(bytes / LONGEST) }, (_, at) => ({
    name: 'BIG.V00;1',
    block: 40 + (at * LONGEST) / SECTOR,
    length: Math.min(LONGEST, bytes - at * LONGEST),
    flags: (at + 1) * LONGEST < bytes ? GOES_ON : 0,
  }))
  const small = { 'BOOT.CFG;1': 30, 'B.B00;1': 31, 'MBOOT.C32;1': 32 }
  const members = Object.entries(small).map(([name, block]) => ({ name, block, length: 10 }))
  await writeFile(path, craftIso({ [ROOT]: rootOf(...members, ...pieces) }))
  await truncate(path, 41 * SECTOR + bytes)
  return path
}
