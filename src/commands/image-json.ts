import type { Image } from '../core/image.ts'
import type { ImportJob } from './imports.ts'
import type { ListedImage } from './list-images.ts'

/** An image as other programs read it. */
export function imageJson(image: ListedImage) {
  return {
    name: image.name,
    kind: image.kind ?? null,
    label: image.label ?? null,
    files: image.files ?? null,
    bytes: image.bytes ?? null,
    changedAt: isoTime(image.changedAt),
    hosts: image.hosts,
    problem: image.problem ?? null,
  }
}

/** An import as other programs read it. */
export function importJson({ result, ...job }: ImportJob) {
  return {
    ...{ id: job.id, name: job.name, by: job.by, state: job.state, step: job.step, done: job.done },
    ...{ total: job.total ?? null, file: job.file, startedAt: new Date(job.startedAt).toISOString() },
    ...{ endedAt: isoTime(job.endedAt), problem: job.problem ?? null },
    result:
      result === undefined
        ? null
        : {
            ...{ image: briefly(result.image), files: result.files, sha256: result.sha256 ?? null },
            ...{ warnings: result.warnings, kept: result.kept, isSame: result.isSame },
          },
  }
}

function briefly({ name, kind, label, bytes }: Image) {
  return { name, kind, label: label ?? null, bytes }
}

function isoTime(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
