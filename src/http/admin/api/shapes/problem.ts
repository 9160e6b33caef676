import { Type } from 'typebox'

/** Why a request was refused. */
export const Problem = Type.Object(
  {
    type: Type.Literal('about:blank'),
    title: Type.String({ description: 'The status in words', examples: ['Bad Request'] }),
    status: Type.Integer({ description: 'The status', examples: [400] }),
    detail: Type.String({ description: 'What is wrong, for people', examples: ['plan: "a b" cannot name an image'] }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          field: Type.String({ description: 'The field, with dots on the way to it', examples: ['plan'] }),
          detail: Type.String({ description: 'What is wrong with it' }),
        }),
        { description: 'What is wrong with which field, when it is about fields' },
      ),
    ),
  },
  { $id: 'Problem', description: 'Why a request was refused (RFC 9457)' },
)
