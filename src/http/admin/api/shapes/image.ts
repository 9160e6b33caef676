import { Type } from 'typebox'
import { list, nullable, time } from './shape.ts'

/** How a path names an image. */
export const ImageParams = Type.Object({
  image: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'The name by which plans call it',
    examples: ['esxi8'],
  }),
})

export const ImageShape = Type.Object(
  {
    name: Type.String({ examples: ['esxi8'] }),
    kind: nullable(
      Type.String({ description: 'Null when it is none that is known: see `problem`', examples: ['esxi'] }),
    ),
    label: nullable(Type.String({ description: 'What it is, for people', examples: ['VMware ESXi 8.0.3'] })),
    files: nullable(Type.Integer({ examples: [142] })),
    bytes: nullable(Type.Integer({ examples: [650117120] })),
    changedAt: nullable(time('When it was last changed')),
    hosts: list(Type.String({ examples: ['host 3 (esx3)'] }), { description: 'The hosts that have it in their plans' }),
    problem: nullable(Type.String({ description: 'Why it cannot be assigned' })),
  },
  { $id: 'Image', description: 'A directory in the images folder' },
)
