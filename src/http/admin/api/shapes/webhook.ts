import { Type } from 'typebox'
import { WEBHOOK_STATES } from '../../../../commands/webhook-json.ts'
import { EVENT_TYPES } from '../../../../core/event.ts'
import { list, nullable, time } from './shape.ts'

const Count = (description: string) => Type.Integer({ minimum: 0, description })

const own = {
  name: Type.String({ description: 'What it is called', examples: ['chat'] }),
  url: Type.String({ description: 'Where events are sent', examples: ['https://chat.example/hooks/metalspray'] }),
  events: nullable(list(Type.Enum([...EVENT_TYPES]), { description: 'Of these types alone; null for all' })),
  hosts: nullable(list(Type.Integer(), { description: 'Ids: of these hosts alone; null for all' })),
  createdAt: time('When it was made'),
  createdBy: nullable(Type.String({ description: 'By whom', examples: ['cli alice'] })),
}

/** A webhook that was just made or taken away. */
export const WebhookShape = Type.Object(own, { description: 'Who is told of what happens; without its secret' })

/** A webhook, and how it goes with it. */
export const WebhookStateShape = Type.Object(
  {
    ...own,
    state: Type.Enum([...WEBHOOK_STATES], {
      description: 'How it went the last time; `gone`: its receiver answered 410, and is told no more',
    }),
    pending: Count('So many events wait'),
    nextTryAt: nullable(time('When the next of them is tried; null when none waits')),
    deliveredAt: nullable(time('When the last one arrived')),
    failed: nullable(
      Type.Object(
        {
          at: time('When the last attempt failed that did'),
          why: Type.String({ examples: ['answered 500 Internal Server Error'] }),
        },
        { description: 'Also when it went well again since; null for never' },
      ),
    ),
    failures: Count('So many attempts in a row failed'),
    givenUp: Count('So many events were given up: for a day nobody took them'),
    givenUpAt: nullable(time('When the last of them was')),
    goneAt: nullable(time('When its receiver said that it wants no more')),
  },
  { description: 'A webhook, and how it goes with it' },
)
