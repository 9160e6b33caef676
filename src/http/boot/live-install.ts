import type { Image } from '../../core/image.ts'
import {
  type Amount,
  arrive,
  enterStage,
  type InstallProgress,
  type InstallStage,
  type ProgressStep,
  type SentFile,
  startInstall,
} from '../../core/install-progress.ts'
import { type StageTime, stagesLeft } from '../../core/watch/stages.ts'
import type { Kind } from '../../kinds/kind.ts'

/** What is known of an install when the server first hears of it, perhaps not for the first time in its life. */
export interface InstallStart {
  /** `undefined` when it is not on the server any more. */
  readonly image: Image | undefined
  readonly kind: Kind | undefined
  readonly before: InstallProgress | undefined
  /** When its boot was opened, in ms since 1970. */
  readonly openedAt: number
  readonly at: number
}

/** A file that a machine has, or a part of one. */
export interface FetchedFile {
  /** Relative to the image, or the name of a file that was made for the boot. */
  readonly file: string
  readonly isMade: boolean
  readonly bytes: number
  /** Whether its end is among the bytes. */
  readonly hasEnd: boolean
}

/** One running install, in memory: which files it has, so that each is counted once. */
export class LiveInstall {
  readonly isStaged: boolean
  #progress: InstallProgress
  #file: SentFile | undefined
  /** When the progress was last written, in ms since 1970. */
  savedAt = 0
  /** Files of which the transfer was broken off once. */
  readonly brokenOff = new Set<string>()
  readonly #stages: ReadonlyMap<string, InstallStage>
  readonly #madeStages: NonNullable<Kind['stages']>['files']
  readonly #totals: ReadonlyMap<InstallStage, Amount>
  readonly #done = new Set<string>()
  readonly #openedAt: number
  /** Where it was before the next thing is heard of it; `undefined` for one that has just begun. */
  #from: InstallProgress | undefined
  #left: StageTime[] = []

  constructor({ image, kind, before, openedAt, at }: InstallStart) {
    this.#openedAt = openedAt
    this.#from = before
    this.isStaged = kind?.stages !== undefined
    const { file: _, ...progress } = before ?? startInstall(at)
    this.#progress = progress
    const { stages, totals } = planOf(image, kind)
    this.#stages = stages
    this.#totals = totals
    this.#madeStages = kind?.stages?.files ?? {}
  }

  get progress(): InstallProgress {
    return this.#file === undefined ? this.#progress : { ...this.#progress, file: this.#file }
  }

  /** Notes how much of a file is on its way by now; it counts when it has arrived. */
  sending(file: SentFile, at: number): void {
    this.#file = file
    this.#progress = { ...this.#progress, heardAt: at }
  }

  /** Forgets a file that is not on its way any more. */
  sent(name: string): void {
    if (this.#file?.name === name) this.#file = undefined
  }

  arrive({ file, isMade, bytes, hasEnd }: FetchedFile, at: number): readonly string[] {
    const key = `${isMade ? 'made' : 'tree'} ${file}`
    const isAgain = this.#done.has(key)
    if (hasEnd) this.#done.add(key)
    const stage = isMade ? this.#madeStages[file] : this.#stages.get(file)
    const total = stage === undefined ? undefined : this.#totals.get(stage)
    // What was made for the boot is beyond the image's own files, which the total is of.
    const counts = !isAgain && !(isMade && total !== undefined)
    return this.#step(
      arrive(this.#progress, { file, bytes: counts ? bytes : 0, isFile: counts && hasEnd, stage, total }, at),
    )
  }

  enter(stage: InstallStage, at: number): readonly string[] {
    return this.#step(enterStage(this.#progress, stage, at))
  }

  /** The stages that are over since this was asked last. */
  takeLeft(): readonly StageTime[] {
    const left = this.#left
    this.#left = []
    return left
  }

  #step({ progress, ended }: ProgressStep): readonly string[] {
    this.#left.push(...stagesLeft(this.#from, progress, { openedAt: this.#openedAt, isStaged: this.isStaged }))
    this.#from = progress
    this.#progress = progress
    return ended
  }
}

/** Which file belongs to which stage, and how much each stage has. The sizes are those that the images folder was last seen with. */
function planOf(image: Image | undefined, kind: Kind | undefined) {
  const stages = new Map<string, InstallStage>()
  const totals = new Map<InstallStage, Amount>()
  for (const [role, stage] of Object.entries(kind?.stages?.parts ?? {})) {
    for (const file of image?.parts[role] ?? []) {
      if (stages.has(file)) continue
      stages.set(file, stage)
      const { files, bytes } = totals.get(stage) ?? { files: 0, bytes: 0 }
      totals.set(stage, { files: files + 1, bytes: bytes + (image?.sizes?.[file] ?? 0) })
    }
  }
  // A loader takes one of several programs: there is no total that it would come to.
  totals.delete('loader')
  return { stages, totals }
}
