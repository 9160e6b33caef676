import type { FastifyInstance } from 'fastify'
import { isInstallerStage, noteStage } from '../../core/boot.ts'
import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import type { OpenDoor } from './door.ts'
import { sendLine } from './text-errors.ts'
import { requireBoot } from './touch.ts'

interface StageRoute {
  Params: { readonly bootid: string; readonly stage: string }
}

/** What an installer calls its stages, in the order of the server's own. */
const SEEN_AS = { started: 'pre', configured: 'configured' } as const

/** Where an installer says how far it is. Told as often as it likes, it is kept once and always answered alike. */
export async function stageRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  app.route<StageRoute>({
    method: ['GET', 'POST'],
    url: '/b/:bootid/stage/:stage',
    handler: async (request, reply) => {
      const { stage, bootid } = request.params
      const { boot, hash } = await requireBoot(door, bootid)
      if (!isInstallerStage(stage)) throw new ProvisionError('not-found', `there is no stage ${quoted(stage)}`)
      if (boot.image === undefined) {
        throw new ProvisionError('unauthorized', 'nothing was being installed in this boot')
      }
      await door.told.once(boot.number, `stage ${stage}`, async () => {
        const at = door.now()
        const changed = await door.store.changeBoot(hash, (host, current) => noteStage(host, current, stage, at))
        if (changed !== undefined) await door.installs.enter({ ...changed, hash }, SEEN_AS[stage])
      })
      // Never empty: the wget of old ESXi takes an empty answer for a failure.
      return sendLine(reply, 200, `${stage} is noted`)
    },
  })
}
