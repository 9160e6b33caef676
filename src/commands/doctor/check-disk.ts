import { statfs } from 'node:fs/promises'
import type { DoctorDeps } from './deps.ts'
import { existingPart } from './existing-part.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** What is needed in a folder, in bytes. */
interface Need {
  readonly id: string
  readonly what: string
  readonly folder: string
  readonly why: string
  /** With less, nothing can be written soon. */
  readonly least: number
  /** With less, the next image may not fit. */
  readonly enough: number
}

/** Whether the disks have room. */
export async function checkDisk({ data, images }: Pick<DoctorDeps, 'data' | 'images'>): Promise<readonly Finding[]> {
  const needs: readonly Need[] = [
    {
      ...{ id: 'disk-data', what: 'the data folder', folder: data, least: 50e6, enough: 500e6 },
      why: 'a full disk keeps the server from noting what machines do, and then no machine gets its boot',
    },
    {
      ...{ id: 'disk-images', what: 'the images folder', folder: images, least: 200e6, enough: 5e9 },
      why: 'an import needs room for the whole image before it takes the place of the old one',
    },
  ]
  return Promise.all(needs.map(look))
}

async function look({ id, what, folder, why, least, enough }: Need): Promise<Finding> {
  const { bavail, bsize, files, ffree } = await statfs(existingPart(folder))
  const free = bavail * bsize
  const text = `${what} ${folder} has ${(free / 1e9).toFixed(1)} GB left`
  const mend = `df -h ${folder}; metalspray images, and metalspray images rm NAME`
  if (files > 0 && ffree < 1000) {
    return fail(id, `${what} ${folder} has room for ${ffree} more files`, { why, mend: `df -i ${folder}` })
  }
  if (free < least) return fail(id, text, { why, mend })
  return free < enough ? warn(id, text, { why, mend }) : ok(id, text, why)
}
