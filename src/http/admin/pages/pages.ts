import formbody from '@fastify/formbody'
import type { FastifyPluginAsync } from 'fastify'
import { assetRoutes } from './assets.ts'
import { bulkPages } from './bulk.ts'
import type { PagesDoor } from './door.ts'
import { tellAsPages } from './errors.ts'
import { Flash } from './flash.ts'
import { fleetPage } from './fleet.ts'
import { forgetHostPages } from './forget-host.ts'
import { hostPages } from './host.ts'
import { imagePages } from './images.ts'
import { mergePages } from './merge.ts'
import { serverPages } from './server.ts'

/** The pages for people. */
export const pageRoutes: FastifyPluginAsync<Omit<PagesDoor, 'flash'>> = async (app, given) => {
  const door: PagesDoor = { ...given, flash: new Flash() }
  tellAsPages(app, door.pages)
  await app.register(formbody)
  await app.register(assetRoutes, { directory: door.pages.assets })
  await app.register(fleetPage, door)
  await app.register(hostPages, door)
  await app.register(mergePages, door)
  await app.register(forgetHostPages, door)
  await app.register(bulkPages, door)
  await app.register(imagePages, door)
  await app.register(serverPages, door)
}
