import { ProvisionError } from '../../../core/errors.ts'
import type { InstallRequest } from '../../kind.ts'

/** Makes the kickstart of one boot. @throws {ProvisionError} conflict, when the installer would refuse it */
export async function makeKickstart(request: InstallRequest): Promise<string> {
  throw new ProvisionError('conflict', `there is no kickstart for ${request.image.name} yet`)
}
