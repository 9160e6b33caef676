import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Attention,
  type AttentionCase,
  type AttentionLevel,
  attentionOf,
  type KnownHost,
} from '../../src/core/attention.ts'
import type { Host } from '../../src/core/host.ts'
import { type InstallProgress, startInstall } from '../../src/core/install-progress.ts'
import { parsePlan } from '../../src/core/plan.ts'
import type { Sign, SignKind } from '../../src/core/sign.ts'
import { hostOf, imagesOf } from '../support/hosts.ts'

const MIN = 60_000
/** When the host was last seen; its sign is a moment later where nothing else is said. */
const SEEN = 1000 * MIN
const NOW = SEEN + MIN

const sign = (kind: SignKind, text: string, more: Partial<Sign> = {}): Sign => ({
  ...{ kind, text, at: SEEN, boot: 7 },
  ...more,
})
const install = (progress: Partial<InstallProgress> = {}, stalled?: string, boot = 7): KnownHost['install'] => ({
  boot,
  progress: { ...startInstall(SEEN - MIN), ...progress },
  stalled: stalled === undefined ? undefined : { at: NOW, why: stalled },
})

const PLANNED: Partial<Host> = { plan: parsePlan('esxi8'), revision: 1 }
const ASSIGNED: Partial<Host> = { ...PLANNED, state: 'assigned' }
const INSTALLING: Partial<Host> = { ...PLANNED, state: 'installing', progress: 7 }
const FAILED: Partial<Host> = { ...PLANNED, state: 'failed', reason: 'esxi8: no space on the disk.' }

function asked(host: Partial<Host>, more: Partial<KnownHost> = {}, now = NOW): Attention {
  const known = hostOf({ seenAt: SEEN, ...host })
  return attentionOf({ host: known, install: undefined, sign: undefined, findImage: imagesOf('esxi8'), ...more }, now)
}

type Row = readonly [AttentionCase, AttentionLevel, RegExp, Attention]

const ROWS: readonly Row[] = [
  ['unknown', 'look', /nobody has said .* waits: .*edit-host -i 1 -s IMAGE/, asked({})],
  ['unassigned', 'look', /no image is assigned .* edit-host -i 1 -s IMAGE/, asked({ hostname: 'esx1' })],
  ['unassigned', 'look', /no image/, asked({ revision: 3 })],
  [
    'expired',
    'look',
    /is void, so it waits: .*-s IMAGE/,
    asked({ revision: 3 }, { sign: sign('expired', 'no boot came in time; esxi8 is void') }),
  ],
  [
    'expired',
    'look',
    /esxi8 is void, so it starts from its disk/,
    asked({ ...ASSIGNED, rest: 'finished', expiresAt: NOW }),
  ],
  ['expired', 'act', /no boot came in time.*-s IMAGE/, asked({ ...ASSIGNED, rest: 'failed', expiresAt: NOW })],
  ['protected', 'look', /is protected: it waits .* edit-host -i 1 --unprotect/, asked({ protected: true })],
  ['protected', 'none', /is protected: it starts from its disk/, asked({ protected: true, state: 'finished' })],
  [
    'conflict',
    'act',
    /shares its serial: if they are one machine, edit-host -i 1 --merge OTHER; if not, .*--forget-mac/,
    asked({ state: 'finished' }, { sign: sign('conflict', 'a machine was refused: this machine shares its serial') }),
  ],
  [
    'image',
    'act',
    /image esxi7 is not on the server: metalspray import .*-s OTHER/,
    asked({ ...ASSIGNED, plan: parsePlan('esxi7') }),
  ],
  [
    'image',
    'act',
    /cannot be used: k\.b00 is gone/,
    asked(ASSIGNED, { findImage: Object.assign(() => undefined, { problem: () => 'k.b00 is gone' }) }),
  ],
  [
    'image',
    'act',
    /is not on the server/,
    asked(INSTALLING, { findImage: undefined, sign: sign('held', 'is held: image esxi8 is not on the server') }),
  ],
  [
    'module',
    'act',
    /"s\.v00" could not be fetched: file not found: metalspray images verify esxi8/,
    asked(INSTALLING, {
      install: install(),
      sign: sign('fetch-failed', '"s.v00" could not be fetched: file not found'),
    }),
  ],
  [
    'module',
    'act',
    /could not be fetched/,
    asked(INSTALLING, {
      install: install({ stage: 'modules' }, 'stopped'),
      sign: sign('fetch-failed', 's.v00 could not be fetched: gone'),
    }),
  ],
  [
    'fetch',
    'look',
    /connection was cut.*network/,
    asked(INSTALLING, {
      install: install(),
      sign: sign('fetch-failed', 's.v00 could not be fetched: the connection was cut in the midst of it'),
    }),
  ],
  [
    'kickstart',
    'act',
    /^it has its kickstart/,
    asked(INSTALLING, { install: install({ stage: 'kickstart' }, 'it has its kickstart') }),
  ],
  [
    'no-answer',
    'look',
    /esxi8 has been waiting for it for 15 min .*DHCP \(metalspray doctor\)/,
    asked(ASSIGNED, { sign: sign('assigned', 'plan is esxi8') }, SEEN + 15 * MIN),
  ],
  [
    'no-answer',
    'look',
    /waiting for it for 3 h/,
    asked({ ...ASSIGNED, seenAt: undefined, createdAt: SEEN }, {}, SEEN + 180 * MIN),
  ],
  ['no-answer', 'look', /has never asked this server: power it on/, asked({ seenAt: undefined })],
  [
    'architecture',
    'act',
    /has no loader for BIOS.*made for it/,
    asked(ASSIGNED, {
      sign: sign(
        'held',
        'is held: esxi8 cannot be installed: the image has no loader for BIOS, which this host starts by',
      ),
    }),
  ],
  [
    'architecture',
    'act',
    /no loader for this kind of machine/,
    asked(INSTALLING, { sign: sign('report', 'stage no-loader, errno 0') }),
  ],
  ['architecture', 'act', /COMBOOT/, asked(INSTALLING, { sign: sign('report', 'stage no-comboot, errno 0x2e008081') })],
  [
    'architecture',
    'act',
    /another kind of machine/,
    asked(INSTALLING, { sign: sign('report', 'stage boot, errno 0x2e008081, try 1') }),
  ],
  [
    'report',
    'look',
    /tries again: stage kernel, errno 0x4c0a6092, try 2 \(no answer came in time\)/,
    asked(INSTALLING, { sign: sign('report', 'stage kernel, errno 0x4c0a6092, try 2') }),
  ],
  [
    'template',
    'act',
    /host\.tmpl line 3: mend the template/,
    asked(ASSIGNED, { sign: sign('template-error', 'host.tmpl line 3.', { at: SEEN + 1 }) }),
  ],
  [
    'stalled',
    'act',
    /^stopped after s\.v00$/,
    asked(INSTALLING, { install: install({ stage: 'modules' }, 'stopped after s.v00') }),
  ],
  [
    'looping',
    'act',
    /began 5 times in 12 min: mend that, then edit-host -i 1 --retry/,
    asked(FAILED, { sign: sign('looping', 'began 5 times in 12 min') }),
  ],
  ['failed', 'act', /^esxi8: no space on the disk: mend that, then edit-host -i 1 --retry$/, asked(FAILED)],
  [
    'held',
    'act',
    /the disk "sda 1" is no name of a disk: it goes on by itself/,
    asked(ASSIGNED, { sign: sign('held', 'is held: the disk "sda 1" is no name of a disk') }),
  ],
  [
    'queued',
    'none',
    /waits for its turn to install esxi8/,
    asked(ASSIGNED, { sign: sign('queued', 'waits for its turn to install esxi8') }),
  ],
  [
    'waiting',
    'none',
    /gets esxi8 when it next starts/,
    asked(ASSIGNED, { sign: sign('assigned', 'plan is esxi8') }, SEEN + 15 * MIN - 1),
  ],
  ['installing', 'none', /^it installs esxi8$/, asked(INSTALLING)],
  ['installing', 'none', /^it installs esxi8: modules$/, asked(INSTALLING, { install: install({ stage: 'modules' }) })],
  ['finished', 'none', /starts from its disk/, asked({ state: 'finished' })],
]

describe('what a person is told of a host that is', () => {
  for (const [what, level, why, found] of ROWS) {
    test(`${what}: ${why.source}`, () => {
      assert.deepEqual([found.what, found.level], [what, level], found.why)
      assert.match(found.why, why)
      assert.doesNotMatch(found.why, /undefined|\n/)
    })
  }
})

describe('what was wrong is over', () => {
  const conflict = sign('conflict', 'a machine was refused')
  const isOver: readonly (readonly [string, Attention])[] = [
    [
      'a conflict, when the host itself booted since',
      asked({ state: 'finished', seenAt: SEEN + 1 }, { sign: conflict }),
    ],
    [
      'a hold, at the next boot',
      asked({ ...INSTALLING, seenAt: SEEN + 1 }, { sign: sign('held', 'is held: no disk') }),
    ],
    [
      'a missing image, when it is there',
      asked(ASSIGNED, { sign: sign('held', 'is held: image esxi8 is not on the server') }),
    ],
    [
      'a file that could not be fetched, when another was',
      asked(INSTALLING, {
        install: install({ heardAt: SEEN + 1, stage: 'modules' }),
        sign: sign('fetch-failed', 's.v00 could not be fetched: gone'),
      }),
    ],
    [
      'a failed boot, when the next one came further',
      asked(INSTALLING, {
        install: install({ heardAt: SEEN + 1, stage: 'kickstart' }, undefined, 8),
        sign: sign('report', 'stage esxi, errno 0x7f04828e'),
      }),
    ],
    [
      'a stall, when a newer boot took over',
      asked({ ...INSTALLING, progress: 8 }, { install: install({ stage: 'kernel' }, 'stopped') }),
    ],
    [
      'a wait, when the machine has asked',
      asked({ ...ASSIGNED, seenAt: SEEN + 1 }, { sign: sign('assigned', 'plan is esxi8') }, SEEN + 99 * MIN),
    ],
  ]
  for (const [what, { level, why }] of isOver) test(what, () => assert.equal(level, 'none', why))

  test('but a file that could not be fetched counts while the next boot is still on its way there', () => {
    const again = install({ heardAt: SEEN + 1, stage: 'kernel' }, undefined, 8)
    const failed = sign('fetch-failed', 's.v00 could not be fetched: gone')
    assert.equal(asked(INSTALLING, { install: again, sign: failed }).what, 'module')
  })
})
