import assert from 'node:assert/strict'
import type { Config } from './cases/case.ts'
import { simulate } from './simulate.ts'

export type { Config }

const GUIDS = { vmfs: 'AA31E02A400F11DB9590000C2911D1B8', other: '2AE031AA0F40DB11959000000C2911D1' }
const NICS = ['52:54:00:12:34:56', '52:54:00:12:34:57'].map((mac, at) => ({ name: `vmnic${at}`, mac }))

function disk(serial: string, partitions: readonly Config[], boot: boolean): Config {
  const name = `t10.ATA_____SAMSUNG_MZ7LH480_____________________${serial}`
  const label = partitions.length > 0 ? 'gpt' : 'unknown'
  return { name, sizeMb: 457_862, model: 'SAMSUNG MZ7LH480', label, partitions, boot }
}

const BOOT = disk(
  'S3Z8NB0K',
  [
    { n: 1, first: 64, last: 204_863, guid: GUIDS.other },
    { n: 7, first: 8_595_456, last: 67_108_863, guid: GUIDS.other },
    { n: 8, first: 67_110_912, last: 209_715_199, guid: GUIDS.vmfs },
  ],
  true,
)

/** The host of the documentation's examples, as its installer left it: what it is told to become what is described. */
export async function simulatedCommands(config: Config): Promise<readonly string[]> {
  const host = {
    disks: [BOOT, disk('S3Z8NB0L', [], false)],
    extents: [{ volume: 'datastore1', number: 0, device: BOOT['name'], partition: 8 }],
  }
  const results = await simulate([{ name: 'page', nics: NICS, host, config }])
  const { first, second } = results.get('page') ?? assert.fail('no result')
  assert.ok(first.ok, first.told.join('\n'))
  assert.deepEqual(second.commands, [])
  return first.commands
}
