import { join } from 'node:path'
import { openWorkshop } from '../../src/cli/images-folder.ts'
import type { DiffDeps } from '../../src/commands/explain/diff-boots.ts'
import { plannableImages } from '../../src/commands/workshop.ts'
import type { LabServer } from './lab-server.ts'

/** What `explain` is made of, over the folders that a server serves, as the command line opens them. */
export async function explainDeps(server: LabServer, maxInstalls?: number): Promise<DiffDeps> {
  const folders = { images: join(server.folder, 'images'), templates: join(server.folder, 'templates') }
  const workshop = openWorkshop(server.store, folders, server.workshop.base)
  const { find } = await plannableImages(workshop, folders)
  return { ...workshop, find, maxInstalls, now: server.now }
}
