import { hideHostSecrets } from '../../kinds/settings.ts'
import { openTemplates } from '../../render/templates.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, ok } from './finding.ts'

/** Whether every template compiles: the built-in ones, the operator's, those of images. */
export async function checkTemplates({
  templates: operator,
  builtinTemplates: builtin,
  images,
  now,
}: Pick<DoctorDeps, 'templates' | 'builtinTemplates' | 'images' | 'now'>): Promise<readonly Finding[]> {
  const why = 'scripts that machines run are made of them; one that is wrong holds each machine that needs it'
  const faults = openTemplates({ operator, builtin, images, hide: hideHostSecrets, now }).checkAll()
  if (faults.length === 0) return [ok('templates', 'every template compiles', why)]
  const mend = 'mend the line, or take the file away to have the built-in one again (docs/templates.md)'
  return faults.map((fault) => fail('templates', fault.message, { why, mend }))
}
