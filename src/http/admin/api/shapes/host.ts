import { Type } from 'typebox'
import { ATTENTION_CASES, ATTENTION_LEVELS } from '../../../../core/attention.ts'
import { FIRMWARE_BOOTS, HOST_STATES, LOCAL_BOOTS } from '../../../../core/host.ts'
import { INSTALL_STAGES } from '../../../../core/install-progress.ts'
import type { JsonObject } from '../../../../core/json.ts'
import { list, nullable, time } from './shape.ts'

const Metadata = Type.Unsafe<JsonObject>({
  type: 'object',
  additionalProperties: true,
  description: 'What operators and inventories set; secrets in it read `(set)`',
  examples: [{ esxi: { disk: 'local' }, rack: 'A7' }],
})

const Firmware = Type.Object(
  {
    platform: nullable(Type.String({ description: '`pcbios` or `efi`', examples: ['efi'] })),
    arch: nullable(Type.String({ description: '`i386`, `x86_64` or `arm64`', examples: ['x86_64'] })),
    manufacturer: nullable(Type.String({ examples: ['HPE'] })),
    product: nullable(Type.String({ examples: ['ProLiant DL380 Gen10'] })),
    ipxe: nullable(Type.String({ description: "iPXE's version", examples: ['1.21.1'] })),
  },
  { description: 'What its firmware said at its last boot' },
)

const Install = Type.Object(
  {
    image: Type.String({ examples: ['esxi8'] }),
    boot: Type.Integer({ description: 'The number of the boot in which it runs or ran', examples: [17] }),
    stage: nullable(Type.Enum([...INSTALL_STAGES], { description: 'What it is at' })),
    percent: nullable(Type.Number({ description: 'Of what its stage fetches', examples: [43] })),
    files: Type.Integer({ description: 'Fetched in this stage', examples: [61] }),
    filesTotal: nullable(Type.Integer({ examples: [142] })),
    bytes: Type.Integer({ description: 'Fetched in this stage', examples: [301442] }),
    bytesTotal: nullable(Type.Integer({ examples: [700201] })),
    bytesPerSecond: nullable(Type.Number({ examples: [110000000] })),
    file: nullable(
      Type.Object(
        { name: Type.String(), bytes: Type.Integer(), size: Type.Integer() },
        { description: 'What is on its way, as far as it is sent; null when nothing takes long' },
      ),
    ),
    heardAt: nullable(time('When it last fetched something')),
    stalled: nullable(
      Type.Object(
        { at: nullable(time('When that was found')), why: Type.String() },
        { description: 'That it comes no further' },
      ),
    ),
  },
  { description: 'How far its newest install is' },
)

const AttentionShape = Type.Object(
  {
    level: Type.Enum([...ATTENTION_LEVELS], {
      description: '`act`: it stands until a person does something; `look`: it may be meant so',
    }),
    what: Type.Enum([...ATTENTION_CASES], { description: 'What it is in' }),
    why: Type.String({ description: 'One sentence of plain words, with what to do at a shell' }),
    wrong: Type.String({ description: 'What is so, alone' }),
    todo: Type.String({ description: 'What to do on the pages; empty when nothing is to be done' }),
  },
  { description: 'Whether a person has to look at it' },
)

export const HostShape = Type.Object(
  {
    id: Type.Integer({ description: 'Given in order of discovery; never given again', examples: [3] }),
    hostname: nullable(Type.String({ examples: ['esx3'] })),
    state: Type.Enum([...HOST_STATES], { description: 'Where it stands' }),
    image: nullable(Type.String({ description: 'The image that is next in its plan', examples: ['wipe'] })),
    plan: Type.String({
      description: 'The images still to be applied, in order; empty for none',
      examples: ['wipe,esxi8'],
    }),
    expiresAt: nullable(time('When the waiting plan becomes void')),
    protected: Type.Boolean({ description: 'It accepts no plan' }),
    reason: nullable(Type.String({ description: 'Why it failed' })),
    serial: nullable(Type.String({ examples: ['CZ20250815'] })),
    uuid: nullable(Type.String({ examples: ['5d0b0dc2-1111-4222-8333-444455556666'] })),
    macs: list(Type.String({ examples: ['52:54:00:12:34:56'] })),
    metadata: Metadata,
    localBoot: Type.Enum([...LOCAL_BOOTS], { description: 'How it leaves for its disk' }),
    firmwareBoot: Type.Enum([...FIRMWARE_BOOTS], { description: 'What its firmware starts' }),
    firmware: nullable(Firmware),
    address: nullable(Type.String({ description: 'From which it was last heard', examples: ['10.0.0.23'] })),
    createdAt: nullable(time('When it was first seen')),
    seenAt: nullable(time('When it last asked what to do')),
    install: nullable(Install),
    attention: nullable(AttentionShape),
  },
  { $id: 'Host', description: 'One machine, as the server knows it' },
)

/** How a path names a host. */
export const HostParams = Type.Object({
  host: Type.String({
    minLength: 1,
    maxLength: 300,
    description: 'Id, name, MAC address, serial or UUID',
    examples: ['esx3'],
  }),
})
