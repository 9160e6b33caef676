import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { pageHosts } from '../../../commands/page-hosts.ts'
import { removeImage } from '../../../commands/remove-image.ts'
import { verifyImage } from '../../../commands/verify-image.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { agoText, count, sizeText } from '../../../core/words.ts'
import type { ImageEntry } from '../../../images/library.ts'
import { whileAsked } from '../while-asked.ts'
import type { PagesDoor } from './door.ts'
import type { Outcome } from './flash.ts'
import { may, sendPage } from './frame.ts'

const Params = Type.Object({ image: Type.String({ maxLength: 200 }) })
const Query = Type.Object({
  done: Type.String({ default: '', maxLength: 100 }),
  /** A name that an upload has just imported. */
  imported: Type.String({ default: '', maxLength: 200 }),
})

/** So many hosts are counted; of more it is enough that they are many. */
const MOST_COUNTED = 99

/** The page of all images, and what can be done with one. */
export const imagePages: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  const { workshop, folders } = door
  const config = { role: 'admin' } as const

  app.get('/images', { schema: { querystring: Query } }, async (request, reply) => {
    const { list } = await workshop.images.refresh()
    return sendPage(reply, door.pages, 'images', {
      images: await Promise.all(list.map((entry) => imageView(door, entry))),
      mayEdit: may(request, 'admin'),
      ...outcomeOf(door, request.query, list),
    })
  })

  app.post('/images/:image/verify', { config, schema: { params: Params } }, async (request, reply) => {
    const outcome = await verify(folders.images, request.params.image, whileAsked(reply))
    return reply.redirect(`/images?done=${door.flash.keep(outcome)}`, 303)
  })

  app.get('/images/:image/delete', { config, schema: { params: Params } }, async (request, reply) => {
    const { image: name } = request.params
    const { list } = await workshop.images.refresh()
    const entry = list.find((one) => one.name === name)
    if (entry === undefined) throw new ProvisionError('not-found', `there is no image ${name}`)
    return sendPage(reply, door.pages, 'image-delete', await imageView(door, entry))
  })

  app.post('/images/:image/delete', { config, schema: { params: Params } }, async (request, reply) => {
    const { image: name } = request.params
    await removeImage({ imagesRoot: folders.images, store: workshop.store }, { name })
    request.log.info({ image: name, by: request.caller.name }, 'image removed')
    const outcome: Outcome = { flash: [`Image ${name} is gone.`], flashLevel: 'good' }
    return reply.redirect(`/images?done=${door.flash.keep(outcome)}`, 303)
  })
}

function outcomeOf(door: PagesDoor, { done, imported }: Static<typeof Query>, list: readonly ImageEntry[]): Outcome {
  const image = list.find(({ name }) => name === imported)?.image
  if (image === undefined) return door.flash.take(done)
  return { flash: [`Image ${image.name} is imported: ${image.label ?? image.kind}.`], flashLevel: 'good' }
}

async function imageView({ workshop, now }: PagesDoor, entry: ImageEntry) {
  const { name, image } = entry
  const { hosts, next } = await pageHosts(
    workshop.store,
    { filter: { image: name }, order: 'id', isDescending: false, after: undefined, limit: MOST_COUNTED },
    now(),
  )
  return {
    name,
    label: image?.label ?? '',
    kind: image?.kind ?? '',
    size: image === undefined ? '' : sizeText(image.bytes),
    files: image?.files === undefined ? '' : count(image.files, 'file'),
    changed: image === undefined ? '' : agoText(image.changedAt, now()),
    hosts: next === undefined ? count(hosts.length, 'host') : `more than ${MOST_COUNTED} hosts`,
    planned: hosts.filter(({ plan }) => plan.images.includes(name)).length,
    problem: entry.image === undefined ? entry.problem : '',
  }
}

/** Reads every byte of an image again. */
async function verify(imagesRoot: string, name: string, signal: AbortSignal): Promise<Outcome> {
  const { intact, differences, isNoted, warnings } = await verifyImage(
    { imagesRoot, onProgress: () => {} },
    name,
    signal,
  )
  if (differences.length > 0) {
    return { flash: [`Image ${name} is not as it was imported:`, ...differences, ...warnings], flashLevel: 'act' }
  }
  const well = isNoted
    ? `Image ${name}: ${count(intact, 'file')} as imported.`
    : `Image ${name} was copied in, not imported: only its own checksum files could be compared, and they fit.`
  return { flash: [well, ...warnings], flashLevel: warnings.length > 0 ? 'look' : 'good' }
}
