import { Type } from 'typebox'
import { ACCESS_EVENTS, ROLES } from '../../../../core/access.ts'
import { nullable, time } from './shape.ts'

/** A token as the API shows it: all but itself. */
export const TokenShape = Type.Object(
  {
    name: Type.String({ description: 'Who or what it is for', examples: ['ci'] }),
    role: Type.Enum([...ROLES], { description: 'What it allows' }),
    state: Type.Enum(['live', 'expired', 'revoked'], { description: 'Whether it can be used' }),
    createdAt: nullable(time('When it was made')),
    createdBy: nullable(Type.String({ description: 'By whom', examples: ['cli alice'] })),
    expiresAt: nullable(time('When it ends; null for never')),
    usedAt: nullable(time('When it was last used, within a minute')),
    revokedAt: nullable(time('When it was revoked')),
  },
  { description: 'A token, without its secret' },
)

/** One line of the record of who came to the door. */
export const AccessEventShape = Type.Object(
  {
    at: time('When'),
    type: Type.Enum([...ACCESS_EVENTS], { description: 'What happened' }),
    by: nullable(Type.String({ description: 'Who, when that is known', examples: ['token ci'] })),
    address: nullable(
      Type.String({ description: 'From where, when it came over the network', examples: ['10.0.0.23'] }),
    ),
    text: Type.String({ description: 'A line for people' }),
  },
  { description: 'Who came to the admin door, or was refused' },
)
