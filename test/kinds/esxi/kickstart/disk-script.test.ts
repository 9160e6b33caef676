import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, type TestContext, test } from 'node:test'
import type { JsonObject } from '../../../../src/core/json.ts'
import { BOOTID } from '../../../render/fixture.ts'
import { CAN_RUN } from './esxi-shell.ts'
import { rig } from './rig.ts'

interface Disk {
  readonly name: string
  /** As ESXi lists it: in MiB. */
  readonly mib: number
  readonly model: string
  readonly ssd: boolean
  readonly more?: { readonly [field: string]: string }
}

/** A list as ESXi prints it, blanks behind names and all. */
function listed(disks: readonly Disk[]): string {
  const shown = disks.map(({ name, mib, model, ssd, more }) => {
    const fields = {
      'Display Name': `Local Disk (${name})`,
      Size: String(mib),
      'Device Type': 'Direct-Access ',
      Vendor: 'DELL    ',
      Model: `${model}  `,
      'Is Pseudo': 'false',
      'Is Local': 'true',
      'Is Removable': 'false',
      'Is SSD': String(ssd),
      'Is Offline': 'false',
      ...more,
    }
    return [`${name}:`, ...Object.entries(fields).map(([key, value]) => `   ${key}: ${value}`)].join('\n')
  })
  return `${shown.join('\n\n')}\n`
}

/** Sold as 240 GB, and 239.99 by its own count. */
const BOSS: Disk = { name: 't10.ATA_____BOSS_VD_1', mib: 228_872, model: 'DELLBOSS VD', ssd: true }
const RACK: readonly Disk[] = [
  { name: 'naa.big', mib: 3_815_447, model: 'PERC H730  Mini', ssd: false },
  { name: 'naa.small', mib: 953_869, model: 'PERC H730 Mini', ssd: false },
  BOSS,
  { name: 'naa.lun', mib: 10_240, model: 'SAN', ssd: false, more: { 'Is Local': 'false' } },
  { name: 'mpx.stick', mib: 15_000, model: 'USB', ssd: false, more: { 'Is Removable': 'true' } },
  { name: 'mpx.cd', mib: 700, model: 'DVD', ssd: false, more: { 'Device Type': 'CD-ROM' } },
  { name: 'naa.off', mib: 5000, model: 'GONE', ssd: false, more: { 'Is Offline': 'true' } },
]

async function choose(t: TestContext, disk: JsonObject, disks = RACK, more: JsonObject = {}) {
  const here = await rig(t, { esxi: { disk, ...more } })
  here.program('localcli', `#!/bin/sh\n[ "$1" = storage ] || exit 0\ncat <<'END'\n${listed(disks)}END\n`)
  const ran = await here.section('%pre')
  return { ...ran, command: here.read('disk.cfg'), asked: here.server.asked }
}

describe('the disk that the host itself looks for', { skip: CAN_RUN ? false : 'needs busybox and python3' }, () => {
  const found: readonly (readonly [JsonObject, string])[] = [
    [{ model: 'boss' }, 't10.ATA_____BOSS_VD_1'],
    [{ ssd: true }, 't10.ATA_____BOSS_VD_1'],
    [{ local: false }, 'naa.lun'],
    [{ minGb: 2000 }, 'naa.big'],
    [{ minGb: 900, maxGb: 1001 }, 'naa.small'],
    [{ minGb: 240, maxGb: 240 }, 't10.ATA_____BOSS_VD_1'],
    [{ pick: 'largest' }, 'naa.big'],
    [{ local: true, pick: 'smallest' }, 't10.ATA_____BOSS_VD_1'],
    [{ model: 'perc h730 mini', vendor: 'dell', pick: 'smallest' }, 'naa.small'],
  ]
  for (const [wanted, name] of found) {
    test(`${JSON.stringify(wanted)} is ${name}`, async (t) => {
      const { status, command } = await choose(t, wanted)
      assert.equal(status, 0)
      assert.equal(command, `install --disk=${name} --overwritevmfs\n`)
    })
  }

  const refused: readonly (readonly [JsonObject, RegExp])[] = [
    [{ model: 'perc' }, /2\+disks\+are\+equally\+good\+by\+esxi\.disk:\+naa\.big\+\+naa\.small/],
    [{ model: 'nvme' }, /none\+of\+4\+disks\+is\+as\+esxi\.disk\+wants\+it/],
    [{ maxGb: 5 }, /none\+of\+4\+disks/],
  ]
  for (const [wanted, reason] of refused) {
    test(`${JSON.stringify(wanted)} is none, and the server knows why`, async (t) => {
      const { status, command, asked } = await choose(t, wanted)
      assert.equal(status, 1)
      assert.equal(command, undefined)
      assert.match(asked.at(-1) ?? '', new RegExp(`^GET /b/${BOOTID}/fail\\?reason=esxi\\.disk\\+ended`))
      assert.match(asked.at(-1) ?? '', reason)
    })
  }

  test('one of two equal disks is not guessed', async (t) => {
    const { status, asked } = await choose(t, { pick: 'largest' }, [BOSS, { ...BOSS, name: 't10.OTHER' }])
    assert.equal(status, 1)
    assert.match(asked.at(-1) ?? '', /2\+disks\+are\+equally\+good/)
  })

  test('a name that is no plain word is quoted, and text of settings acts nowhere', async (t) => {
    const model = `x'"\\ \${HOME} $(touch pwned) %pre |`
    const { status, command, output } = await choose(t, { model }, [{ ...BOSS, name: "t10.A'B*", model }])
    assert.equal(status, 0, output)
    assert.equal(command, `install '--disk=t10.A'\\''B*' --overwritevmfs\n`)
  })

  test('the command is the one that is set', async (t) => {
    const { command } = await choose(t, { ssd: true }, RACK, { install: 'upgrade' })
    assert.equal(command, 'upgrade --disk=t10.ATA_____BOSS_VD_1\n')
    const kept = await choose(t, { ssd: true }, RACK, { vmfs: 'preserve', overwriteVsan: true })
    assert.equal(kept.command, 'install --disk=t10.ATA_____BOSS_VD_1 --preservevmfs --overwritevsan\n')
  })

  test('Python of ESXi 6.5, which is 3.5, reads what is Python in the scripts', async (t) => {
    const here = await rig(t, { esxi: { disk: { ssd: true } } })
    here.program('localcli', `#!/bin/sh\n[ "$1" = storage ] || exit 0\ncat <<'END'\n${listed(RACK)}END\n`)
    assert.equal((await here.section('%pre')).status, 0)
    const inline = /python -c '\n([^']+)' /.exec(here.body('%pre'))?.[1] ?? assert.fail('there is no Python in it')
    for (const source of [here.read('disk.py') ?? '', inline]) {
      const read = 'import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 5))'
      const { status, stderr } = spawnSync('python3', ['-c', read], { input: source, encoding: 'utf8' })
      assert.deepEqual([status, stderr], [0, ''])
    }
  })
})
