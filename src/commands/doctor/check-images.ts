import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { fileError } from '../../images/file-errors.ts'
import { readImageJson } from '../../images/image-json.ts'
import { openImageLibrary } from '../../images/library.ts'
import { type WalkedTree, walkTree } from '../../images/tree.ts'
import { recogniseImage } from '../../kinds/kinds.ts'
import { findFaults } from '../verify-image.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, note, ok } from './finding.ts'

const WHY = 'a machine whose image is not whole is held, or ends in the middle of its install'
/** So many files of one image are named. */
const MOST_NAMED = 3

/** Every image in brief: that it is one, that its files are there and as large as they were imported. Their sums take `images verify`. */
export async function checkImages(
  { images }: Pick<DoctorDeps, 'images'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const library = openImageLibrary(images, recogniseImage)
  const { list } = await library.refresh()
  if (list.length === 0) {
    return [
      note('images', `there are no images in ${images}`, {
        why: 'machines wait until they are assigned one',
        mend: 'metalspray import NAME SOURCE',
      }),
    ]
  }
  const findings: Finding[] = []
  for (const entry of list) {
    signal.throwIfAborted()
    findings.push(entry.image === undefined ? noImage(images, entry) : await lookAt(images, entry.name))
  }
  return findings
}

function noImage(images: string, { name, problem }: { readonly name: string; readonly problem: string }): Finding {
  const mend = existsSync(join(images, name, 'image.json'))
    ? `metalspray import ${name} SOURCE --replace`
    : `metalspray import ${name} SOURCE, or take the folder away: ${join(images, name)}`
  return fail(`image-${name}`, `${name} is no image: ${problem}`, { why: WHY, mend })
}

async function lookAt(images: string, name: string): Promise<Finding> {
  const id = `image-${name}`
  const mend = `metalspray images verify ${name}; metalspray import ${name} SOURCE --replace`
  try {
    const directory = join(images, name)
    const [tree, settings] = await Promise.all([walkTree({ directory, root: images }), readImageJson(directory)])
    const faults = [...differences(tree, settings), ...(await findFaults(tree, settings, directory))]
    if (faults.length === 0) return ok(id, `${name} has all of its files, in their sizes`, WHY)
    const more = faults.length > MOST_NAMED ? `, and ${faults.length - MOST_NAMED} more` : ''
    return fail(id, `${name} is damaged: ${faults.slice(0, MOST_NAMED).join(', ')}${more}`, { why: WHY, mend })
  } catch (error) {
    const refusal = fileError(error, `image ${name}`)
    if (!(refusal instanceof ProvisionError)) throw refusal
    return fail(id, refusal.message, { why: WHY, mend })
  }
}

/** What is gone or of another size than the import noted; an image that was copied in has no notes. */
function differences(tree: WalkedTree, settings: JsonObject): readonly string[] {
  const noted: Json = settings['files'] ?? {}
  if (!isJsonObject(noted)) return []
  return Object.entries(noted).flatMap(([file, expected]) => {
    const size = tree.sizes.get(file)
    if (size === undefined) return [`${file} is gone`]
    const was = isJsonObject(expected) ? expected['size'] : undefined
    return typeof was === 'number' && was !== size ? [`${file} has ${size} bytes instead of ${was}`] : []
  })
}
