import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { esxiMedium } from '../lab/esxi/medium.ts'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { ESXI_LEGS, KIWI_LEGS, type Leg, type Stage } from './stages.ts'

/** What is installed in a demo, and how that is told. */
export interface Show {
  /** By which the image is imported. */
  readonly image: string
  /** What a person has to know before any of it. */
  readonly preface: readonly string[]
  /** Of what the image is made. */
  readonly made: string
  /** Builds the image, or finds it in the cache. */
  readonly bring: () => Promise<Medium>
  /** Root's, for hosts that get the image. */
  readonly rootPassword?: string
  /** In the midst of this stage the server is asked how far the machines are. */
  readonly midst?: Stage
  /** All is done. */
  readonly last: Stage
  readonly legs: readonly Leg[]
}

/** What an operator has in hand. */
export interface Medium {
  /** The file to import. */
  readonly file: string
  /** Size of what is written to the disk, where its progress is told; else 0. */
  readonly mib: number
}

const KIWI: Show = {
  image: 'demo',
  preface: [],
  made: "A KIWI image, built from Debian's kernel and busybox; when it is built already, it is taken as it is.",
  bring: async () => {
    const { tarball, directory, name } = await kiwiImage({ name: 'demo' })
    // KIWI's checksum file says how many blocks of which size the unpacked image has.
    const [, blocks, size] = (await readFile(join(directory, `${name}.md5`), 'utf8')).trim().split(' ')
    return { file: tarball, mib: (Number(blocks) * Number(size)) / 1024 / 1024 }
  },
  last: 'up',
  legs: KIWI_LEGS,
}

const ESXI: Show = {
  image: 'esxi8',
  preface: [
    "No ESXi runs here: VMware's media may not be passed on. A stand-in takes the place of its loader, kernel and installer:",
    'a Linux that reads boot.cfg, modules and kickstart as they do, and complains as they do. Its medium has names and',
    'order of those of ESXi 8.0 U3b, and made-up contents. All else is real: firmware, iPXE, the server and what it sends.',
    'With a medium from VMware the commands are the same; it installs on a real machine, not in this demo.',
  ],
  made: 'An ESXi-like installer ISO; when it is built already, it is taken as it is.',
  bring: async () => ({ file: (await esxiMedium({ release: '8.0U3b', scheme: 'plain', megabytes: 4 })).iso, mib: 0 }),
  rootPassword: 'Try-Metal-5pray',
  midst: 'modules',
  last: 'configured',
  legs: ESXI_LEGS,
}

/** What scripts/demo can show. */
export const SHOWS: Readonly<Record<'kiwi' | 'esxi', Show>> = { kiwi: KIWI, esxi: ESXI }
