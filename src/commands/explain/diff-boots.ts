import { createTwoFilesPatch } from 'diff'
import { ProvisionError } from '../../core/errors.ts'
import { nameOf } from '../../core/host.ts'
import type { Json } from '../../core/json.ts'
import type { Store } from '../../store/store.ts'
import { type ExplainDeps, explain } from '../explain.ts'
import { type BootSide, sideOf } from './boot-side.ts'
import type { Explanation } from './explanation.ts'

/** A file that differs between two boots. */
export interface FileDiff {
  readonly name: string
  readonly change: 'changed' | 'only-here' | 'only-there'
  /** A unified diff; empty for what is no text, and for what differs in too much. */
  readonly patch: string
}

/** A setting that differs; `undefined` where nothing is set. */
export interface SettingDiff {
  readonly path: string
  readonly there: PlacedValue | undefined
  readonly here: PlacedValue | undefined
}

interface PlacedValue {
  readonly value: Json
  readonly from: string
}

/** What differs between two boots: `there` is what it is compared with. */
export interface BootDiff {
  readonly there: string
  readonly here: string
  readonly settings: readonly SettingDiff[]
  readonly files: readonly FileDiff[]
  /** The files that are the same. */
  readonly same: readonly string[]
}

/** Two files of some thousand lines that have nothing in common would keep a server busy; in ms. */
const LONGEST_LOOK = 1000

/** Stands for what a host's newest boot really got, in the place of another host. */
export const LAST = 'last'

/**
 * Compares what a host would get with what another one would, or with what its own newest boot got: ids and addresses of the boots are not what
 * differs.
 * @param other what {@link explain} takes for a host, or {@link LAST}
 * @param image as if this were the plan of both
 * @throws {ProvisionError} not-found, when there is no such host, or nothing is kept of a boot
 */
export async function diffBoots(
  deps: DiffDeps,
  explained: Explanation,
  { other, image }: { readonly other: string; readonly image?: string | undefined },
): Promise<BootDiff> {
  const { host } = explained
  if (other !== LAST) {
    const there = await explain(deps, other, image)
    const side = (one: Explanation) => sideOf(deps, one, { label: nameOf(one.host), hasArchives: true })
    return compare(await side(there), await side(explained))
  }
  const kept = await deps.store.findKept(host.id)
  if (kept === undefined)
    throw new ProvisionError('not-found', `${nameOf(host)} has fetched nothing yet to be installed`)
  const { made } = kept
  const there = { label: `boot ${kept.boot}`, settings: made.settings, files: new Map(Object.entries(made.files)) }
  // It reaches the server as it did then.
  const again = { ...deps, base: made.base }
  return compare(there, await sideOf(again, explained, { label: 'the next boot', hasArchives: false }))
}

/** What boots are compared with. */
export interface DiffDeps extends ExplainDeps {
  readonly store: ExplainDeps['store'] & Pick<Store, 'findKept'>
}

/** Compares two boots. */
export function compare(there: BootSide, here: BootSide): BootDiff {
  const names = [...new Set([...here.files.keys(), ...there.files.keys()])]
  const isSame = (name: string) => same(there.files.get(name), here.files.get(name))
  return {
    there: there.label,
    here: here.label,
    settings: diffSettings(there, here),
    files: names.filter((name) => !isSame(name)).map((name) => diffFile(name, there, here)),
    same: names.filter(isSame),
  }
}

function same(one: string | Buffer | undefined, other: string | Buffer | undefined): boolean {
  if (one instanceof Buffer && other instanceof Buffer) return one.equals(other)
  return one === other
}

function diffFile(name: string, there: BootSide, here: BootSide): FileDiff {
  const [before, now] = [there.files.get(name), here.files.get(name)]
  const change = before === undefined ? 'only-here' : now === undefined ? 'only-there' : 'changed'
  if (typeof before === 'object' || typeof now === 'object') return { name, change, patch: '' }
  const titles = [`${name} of ${there.label}`, `${name} of ${here.label}`] as const
  const patch = createTwoFilesPatch(...titles, before ?? '', now ?? '', undefined, undefined, {
    context: 3,
    timeout: LONGEST_LOOK,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  })
  return { name, change, patch: patch ?? '' }
}

function diffSettings(there: BootSide, here: BootSide): readonly SettingDiff[] {
  const valuesOf = ({ settings }: BootSide) => new Map(settings.map(({ path, value, from }) => [path, { value, from }]))
  const [before, now] = [valuesOf(there), valuesOf(here)]
  const paths = [...new Set([...before.keys(), ...now.keys()])].sort()
  return paths
    .map((path) => ({ path, there: before.get(path), here: now.get(path) }))
    .filter((one) => JSON.stringify(one.there?.value) !== JSON.stringify(one.here?.value))
}

/** Tells a refusal from a bug, for pages that go on without what was asked. */
export async function tryDiff(look: () => Promise<BootDiff>): Promise<BootDiff | { readonly problem: string }> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ProvisionError) return { problem: error.message }
    throw error
  }
}
