import { Type } from 'typebox'
import type { Json } from '../../../../core/json.ts'
import { HostShape } from './host.ts'
import { list, nullable, ref } from './shape.ts'

const Template = Type.Object({
  name: Type.String({ examples: ['images/esxi8/ks.cfg.eta'] }),
  from: Type.Enum(['image', 'operator', 'built-in'], { description: 'Whose it is: where it was found' }),
})

/** What a host would get, and why. */
export const Explanation = Type.Object({
  host: ref(HostShape),
  next: Type.Object({
    kind: Type.Enum(['wait', 'local', 'install', 'queue', 'hold'], { description: 'What it does at its next boot' }),
    image: nullable(Type.String({ description: 'What it installs, or waits to install' })),
    reason: nullable(Type.String({ description: 'Why it is held' })),
    why: Type.String({ description: 'In plain words', examples: ['its plan is wipe,esxi8'] }),
  }),
  problems: list(Type.String(), { description: 'What its loader or its installer would refuse' }),
  warnings: list(Type.String(), { description: 'What would go on otherwise than it is probably meant' }),
  settings: list(
    Type.Object({
      path: Type.String({ examples: ['esxi.disk'] }),
      value: Type.Unsafe<Json>({ description: 'Secrets read `(set)`' }),
      from: Type.Enum(['host', 'image', 'image.json', 'server'], { description: 'Where it is set' }),
    }),
  ),
  template: nullable(Type.String({ description: 'What its boot script is made of' })),
  script: nullable(Type.String({ description: 'Its boot script; the id of the boot is zeros' })),
  scriptProblem: nullable(Type.String({ description: 'Why there is none' })),
  files: list(Type.String(), { description: 'What is made for the boot: see `/explain/files`' }),
  made: list(
    Type.Object({
      name: Type.String({ examples: ['ks.cfg'] }),
      size: nullable(Type.Integer({ description: 'In bytes' })),
      sha256: nullable(Type.String({ description: 'Of the file as `/explain/files` sends it' })),
      templates: list(Template, {
        description: 'Its own template first, then what that includes; none for what no template makes',
      }),
      problem: nullable(Type.String({ description: 'Why it cannot be made' })),
    }),
    { description: 'The same files, each with what it is' },
  ),
  limits: list(
    Type.Object({
      what: Type.String({ examples: ['modules of boot.cfg'] }),
      value: Type.Integer(),
      most: Type.Integer(),
      unit: Type.String({ examples: ['bytes'] }),
    }),
    { description: 'All limits that were looked at: what is over one is a problem, too' },
  ),
})

/** Which host a machine would be found to be. */
export const Introduction = Type.Object({
  match: Type.Object({
    kind: Type.Enum(['known', 'new', 'conflict']),
    why: Type.String({ description: 'In plain words' }),
    hosts: list(
      Type.Object({
        id: Type.Integer(),
        name: nullable(Type.String()),
        shares: list(Type.String(), { examples: [['serial CZJ1001']] }),
      }),
      { description: 'Who shares an identifier with it' },
    ),
  }),
  identifiers: list(
    Type.Object({
      kind: Type.Enum(['mac', 'serial', 'uuid']),
      told: Type.String(),
      value: nullable(Type.String({ description: 'In its one form; null for a placeholder, which is ignored' })),
      hosts: list(Type.Integer(), { description: 'The hosts that have it' }),
    }),
  ),
  conflictScript: nullable(Type.String({ description: 'What it gets in a conflict' })),
  explained: nullable(Explanation),
})

const PlacedValue = nullable(
  Type.Object({ value: Type.Unsafe<Json>({ description: 'Secrets read `(set)`' }), from: Type.String() }),
)

/** What differs between two boots. */
export const BootDifference = Type.Object({
  there: Type.String({ description: 'What it is compared with', examples: ['host 7 (esx7)', 'boot 12'] }),
  here: Type.String({ examples: ['host 3 (esx3)', 'the next boot'] }),
  settings: list(Type.Object({ path: Type.String(), there: PlacedValue, here: PlacedValue })),
  files: list(
    Type.Object({
      name: Type.String({ examples: ['ks.cfg'] }),
      change: Type.Enum(['changed', 'only-here', 'only-there']),
      patch: Type.String({ description: 'A unified diff; empty for what is no text' }),
    }),
    { description: 'The files that differ' },
  ),
  same: list(Type.String(), { description: 'The files that are the same' }),
})
