import { ProvisionError } from '../../../core/errors.ts'
import { quoted } from '../../../core/identity.ts'
import type { InstallRequest } from '../../kind.ts'

const PHASES = ['pre', 'post', 'firstboot'] as const

/** When a snippet runs: before the install, after it, or in the installed system when it starts for the first time. */
export type Phase = (typeof PHASES)[number]

/** A script that an image brings. */
export interface Snippet {
  readonly phase: Phase
  /** `10-disks.sh`; its suffix is its interpreter. */
  readonly file: string
  /** As its author knows it: `pre/10-disks.sh`. */
  readonly name: string
  readonly text: string
}

/**
 * Reads the image's snippets, `{pre,post,firstboot}/NN-name.{sh,py}`, in the order of their numbers.
 * @throws {ProvisionError} conflict, for a name or a text that cannot be used
 */
export async function readSnippets(request: Pick<InstallRequest, 'image' | 'readText'>): Promise<readonly Snippet[]> {
  const names = (request.image.parts['snippets'] ?? []).map(readName)
  const sorted = names.sort((one, other) => one.order - other.order || compareTexts(one.name, other.name))
  return Promise.all(
    sorted.map(async ({ phase, file, name }) => ({
      phase,
      file,
      name,
      text: plainText(name, await request.readText(name)),
    })),
  )
}

function readName(name: string): Omit<Snippet, 'text'> & { readonly order: number } {
  const [, folder, file, number] = /^([^/]+)\/((\d{1,9})-[A-Za-z0-9._-]+\.(?:sh|py))$/.exec(name) ?? []
  const phase = PHASES.find((one) => one === folder)
  if (phase === undefined || file === undefined || number === undefined) {
    throw new ProvisionError(
      'conflict',
      `snippet ${quoted(name)} has another name than {pre,post,firstboot}/NN-name.{sh,py}`,
    )
  }
  return { phase, file, name, order: Number(number) }
}

/** The installer warns of other characters than ASCII and may drop them: a script without them would be another one. */
function plainText(name: string, text: string): string {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
  for (const [index, line] of plain.split('\n').entries()) {
    if (/[^\t\x20-\x7e]/.test(line)) {
      throw new ProvisionError(
        'conflict',
        `snippet ${name}, line ${index + 1}: has other characters than printable ASCII`,
      )
    }
  }
  return plain
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
