import { Type } from 'typebox'
import { FIRMWARE_BOOTS, LOCAL_BOOTS } from '../../../../core/host.ts'
import type { JsonObject } from '../../../../core/json.ts'
import { HostShape } from './host.ts'
import { ref } from './shape.ts'

/** Changes of settings, as `--set` and `--unset` make them. */
export const SettingEdits = Type.Object(
  {
    set: Type.Optional(
      Type.Unsafe<JsonObject>({
        type: 'object',
        additionalProperties: true,
        description: 'Values by their paths',
        examples: [{ 'esxi.disk': 'local', 'esxi.network.vlan': 20 }],
      }),
    ),
    unset: Type.Optional(
      Type.Array(Type.String({ maxLength: 4000 }), {
        description: 'Paths to take away, before anything is set',
        examples: [['esxi.keyboard']],
      }),
    ),
  },
  { additionalProperties: false, description: 'Single values, by paths with dots' },
)

const Password = Type.String({
  maxLength: 1000,
  description: 'ESXi root password in clear text; only its SHA-512 crypt hash is kept',
})
const PasswordHash = Type.String({
  maxLength: 200,
  description: 'Its hash instead: `$6$SALT$...`, as `openssl passwd -6` prints it',
})

/** Both ways to set ESXi's root password. */
export const PASSWORDS = { rootPassword: Type.Optional(Password), rootPasswordHash: Type.Optional(PasswordHash) }

export const HostEditsShape = Type.Object(
  {
    plan: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4000,
        description: 'Images to apply, in order, or `new` or `finished`; its disk is written at the next boot',
        examples: ['wipe,esxi8'],
      }),
    ),
    expires: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'With a plan: it is void when no boot came in this time',
        examples: ['2h'],
      }),
    ),
    retry: Type.Optional(Type.Literal(true, { description: 'Lets a failed host have its plan again' })),
    name: Type.Optional(
      Type.String({ maxLength: 300, description: 'Host name; an empty text takes it away', examples: ['esx3'] }),
    ),
    metadata: Type.Optional(
      Type.Unsafe<JsonObject>({
        type: 'object',
        additionalProperties: true,
        description: 'Replaces the metadata; a secret that reads `(set)` stays what it is',
        examples: [{ rack: 'A7' }],
      }),
    ),
    settings: Type.Optional(SettingEdits),
    localBoot: Type.Optional(Type.Enum([...LOCAL_BOOTS], { description: 'How it leaves for its disk' })),
    firmwareBoot: Type.Optional(Type.Enum([...FIRMWARE_BOOTS], { description: 'What its firmware starts' })),
    protected: Type.Optional(Type.Boolean({ description: 'Refuses every plan from now on, or accepts plans again' })),
    forget: Type.Optional(
      Type.Object(
        {
          macs: Type.Optional(Type.Array(Type.String({ maxLength: 100, examples: ['52:54:00:12:34:56'] }))),
          serial: Type.Optional(Type.Literal(true)),
          uuid: Type.Optional(Type.Literal(true)),
        },
        { additionalProperties: false, description: 'Takes identifiers away, so that another host may have them' },
      ),
    ),
    ...PASSWORDS,
  },
  {
    $id: 'HostEdits',
    additionalProperties: false,
    minProperties: 1,
    description: 'What is to be changed about a host, all of it or nothing; what is absent stays',
    examples: [{ plan: 'wipe,esxi8', expires: '2h' }],
  },
)

export const EditedShape = Type.Object(
  {
    host: ref(HostShape),
    changes: Type.Array(Type.String({ examples: ['plan is wipe,esxi8'] }), {
      description: 'What was changed, in words without values; empty when nothing had to be',
    }),
    warnings: Type.Array(Type.String(), { description: 'What one should know about it' }),
  },
  { $id: 'Edited', description: 'A host after a change' },
)
