import { CONFIG_KEY } from '../core/config/model.ts'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import type { Image } from '../core/image.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { custom } from './custom.ts'
import { esxi } from './esxi/esxi.ts'
import type { Kind, Recognised, Tree } from './kind.ts'
import { kiwi } from './kiwi.ts'
import { linux } from './linux.ts'
import { live } from './live.ts'

/** Every way to be an image, the most particular first: a directory is of the first kind that recognises it. */
export const KINDS: readonly Kind[] = [kiwi, live, esxi, linux, custom]

/** @throws {ProvisionError} invalid, naming the kinds that there are */
export function readKind(name: string): Kind {
  const kind = KINDS.find((one) => one.name === name)
  if (kind !== undefined) return kind
  throw new ProvisionError(
    'invalid',
    `there is no kind ${quoted(name)}; there are ${KINDS.map((one) => one.name).join(', ')}`,
  )
}

/** The kind that an image was recognised as. */
export function kindOf(image: Image): Kind {
  return readKind(image.kind)
}

/**
 * Says what a directory is; the kind that its `image.json` names is obeyed.
 * @throws {ProvisionError} invalid, saying what each kind looked for
 */
export async function recogniseImage(tree: Tree, settings: JsonObject): Promise<Known> {
  const { [CONFIG_KEY]: description } = settings
  if (description === undefined) return recogniseKind(tree, settings)
  if (!isJsonObject(description)) {
    throw new ProvisionError('invalid', `${CONFIG_KEY} in image.json is not an object`)
  }
  return { ...(await recogniseKind(tree, settings)), description }
}

type Known = Recognised & { readonly kind: string }

async function recogniseKind(tree: Tree, settings: JsonObject): Promise<Known> {
  const wanted = settings['kind']
  if (wanted === undefined) return guessKind(tree, settings)
  if (typeof wanted !== 'string') throw new ProvisionError('invalid', 'kind in image.json is not a text')
  const kind = readKind(wanted)
  const recognised = await kind.recognise(tree, settings)
  if (recognised !== undefined) return { kind: kind.name, ...recognised }
  throw new ProvisionError('invalid', `it is no ${kind.name} image: that has ${kind.looksFor}`)
}

async function guessKind(tree: Tree, settings: JsonObject): Promise<Known> {
  const own = await custom.recognise(tree, settings)
  for (const kind of KINDS) {
    const recognised = await tolerant(kind.recognise(tree, settings), own !== undefined)
    if (recognised !== undefined) return { kind: kind.name, ...recognised }
  }
  const needs = KINDS.map(({ name, looksFor }) => `${name}: ${looksFor}`).join('; ')
  throw new ProvisionError('invalid', `no kind of image recognises it. Looked for ${needs}`)
}

/** An image with its own boot script boots by that, however odd the rest of it may be. */
async function tolerant<T>(recognising: Promise<T>, hasOwnScript: boolean): Promise<T | undefined> {
  try {
    return await recognising
  } catch (error) {
    if (hasOwnScript && error instanceof ProvisionError) return undefined
    throw error
  }
}
