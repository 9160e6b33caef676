import { Type } from 'typebox'
import { nullable, time } from './shape.ts'

export const EventShape = Type.Object(
  {
    id: Type.Integer({ description: 'Rises with every event of any host', examples: [1207] }),
    host: Type.Integer({ description: 'The id of its host', examples: [3] }),
    name: nullable(Type.String({ description: 'What that host is called now', examples: ['esx3'] })),
    boot: nullable(Type.Integer({ description: 'The boot in which it happened', examples: [17] })),
    at: nullable(time('When it happened')),
    type: Type.String({ description: 'What it tells', examples: ['finished'] }),
    text: Type.String({
      description: 'One line for people',
      examples: ['esxi8 is applied; nothing is left of the plan'],
    }),
    by: nullable(
      Type.String({ description: 'Who did it, when a person or a program of one did', examples: ['token ci'] }),
    ),
  },
  { $id: 'Event', description: 'One fact that happened to a host, kept for good' },
)

export const BootShape = Type.Object(
  {
    number: Type.Integer({ description: 'Counts all boots of all hosts', examples: [17] }),
    host: Type.Integer({ description: 'The id of its host', examples: [3] }),
    image: nullable(Type.String({ description: 'What it installs, when it does', examples: ['esxi8'] })),
    address: nullable(Type.String({ description: 'The address that asked', examples: ['10.0.0.23'] })),
    openedAt: nullable(time('When the machine asked what to do')),
    progressedAt: nullable(time('When it fetched its first file')),
    endedAt: nullable(time('When a callback ended it')),
    outcome: nullable(Type.Enum(['finished', 'failed'], { description: 'How it ended' })),
  },
  { $id: 'Boot', description: 'One answer to a machine that asked what to do' },
)
