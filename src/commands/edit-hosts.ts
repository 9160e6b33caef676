import { ProvisionError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type EditDeps, type EditedByHand, editHost, type HostEdits } from './edit-host.ts'

/** A host that is to be changed. */
export interface Wanted {
  /** An id, a host name, a MAC address, a serial or a UUID. */
  readonly text: string
  readonly expect?: ((host: Host) => void) | undefined
}

/** What came of one of several. */
export type Outcome = { readonly text: string } & (
  | { readonly edited: EditedByHand }
  | { readonly refused: ProvisionError }
)

/** So many are written together. */
const AT_ONCE = 50

/** Changes several hosts alike. Each is a transaction of its own: one that refuses does not keep the others from what was asked. */
export async function editHosts(
  deps: EditDeps,
  hosts: readonly Wanted[],
  edits: HostEdits,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (let at = 0; at < hosts.length; at += AT_ONCE) {
    const some = hosts.slice(at, at + AT_ONCE)
    outcomes.push(...(await Promise.all(some.map((wanted) => editOne(deps, wanted, edits)))))
  }
  return outcomes
}

async function editOne(deps: EditDeps, { text, expect }: Wanted, edits: HostEdits): Promise<Outcome> {
  try {
    return { text, edited: await editHost({ ...deps, expect }, text, edits) }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return { text, refused: error }
  }
}
