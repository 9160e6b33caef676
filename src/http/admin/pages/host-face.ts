import { type Host, nameOf } from '../../../core/host.ts'
import { describeIdentity } from '../../../core/identity.ts'

/** A host in few words, for whoever is asked whether he means it. */
export function hostFace(host: Host) {
  return { id: host.id, name: nameOf(host), known: describeIdentity(host), state: host.state }
}
