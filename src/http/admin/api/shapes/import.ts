import { Type } from 'typebox'
import { list, nullable, time } from './shape.ts'

const Result = Type.Object(
  {
    image: Type.Object({
      name: Type.String({ examples: ['esxi8'] }),
      kind: Type.String({ examples: ['esxi'] }),
      label: nullable(Type.String({ examples: ['VMware ESXi 8.0.3'] })),
      bytes: Type.Integer({ examples: [650117120] }),
    }),
    files: Type.Integer({ examples: [142] }),
    sha256: nullable(Type.String({ description: 'What its source adds up to, when it is a file' })),
    warnings: list(Type.String()),
    kept: list(Type.String(), { description: 'What it took over of the image that it replaced' }),
    isSame: Type.Boolean({ description: 'It had been imported from this very file before, and nothing was done' }),
  },
  { description: 'The image that came of it' },
)

export const ImportShape = Type.Object(
  {
    id: Type.Integer({ description: 'Counts the imports of this run of the server', examples: [1] }),
    name: Type.String({ description: 'The image', examples: ['esxi8'] }),
    by: Type.String({ description: 'Who asked for it', examples: ['token ci'] }),
    state: Type.Enum(['running', 'done', 'failed', 'cancelled']),
    step: Type.Enum(['upload', 'start', 'compare', 'read', 'verify', 'write'], { description: 'What it does now' }),
    done: Type.Integer({ description: 'Bytes of this step', examples: [301442048] }),
    total: nullable(Type.Integer({ description: 'In all; null while nobody knows', examples: [650117120] })),
    file: Type.String({ description: 'What it works on', examples: ['s.v00'] }),
    startedAt: time('When it was asked for'),
    endedAt: nullable(time('When it was over')),
    problem: nullable(Type.String({ description: 'Why it failed' })),
    result: nullable(Result),
  },
  { $id: 'Import', description: 'The making of an image' },
)
