import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { TemplateRoots } from './lookup.ts'
import { TemplateError } from './template-error.ts'
import type { TemplateFiles, TemplateRoot } from './template-files.ts'
import type { TextRenderer } from './text-renderer.ts'

/** The templates that an image may bring. */
const IMAGE_TEMPLATES = [
  'host.eta',
  'post_install.eta',
  'ks.cfg.eta',
  'preseed.cfg.eta',
  'autoinstall.eta',
  'autoinst.xml.eta',
  'late.sh.eta',
]

/** Compiles every Eta template, to find mistakes before a machine does. What a template prints is known only when it is used. */
export function checkTemplates(
  roots: TemplateRoots,
  files: TemplateFiles,
  renderer: TextRenderer,
): readonly TemplateError[] {
  const shared = roots.shared.flatMap((root) => listTemplates(root).map((name) => ({ root, name })))
  const images = roots.images.flatMap((root) => listImageTemplates(root).map((name) => ({ root, name })))
  return [...shared, ...images].flatMap(({ root, name }) => {
    try {
      const source = files.find([root], name)
      if (source !== undefined) renderer.compile(source)
      return []
    } catch (error) {
      if (error instanceof TemplateError) return [error]
      throw error
    }
  })
}

function listTemplates(root: TemplateRoot): readonly string[] {
  return list(root.directory, true).filter((name) => name.endsWith('.eta'))
}

function listImageTemplates(root: TemplateRoot): readonly string[] {
  return list(root.directory, false).flatMap((image) => IMAGE_TEMPLATES.map((name) => `${image}/${name}`))
}

/** The names below a directory, with `/`; none when it is not there: an operator without templates is no mistake. */
function list(directory: string, recursive: boolean): readonly string[] {
  try {
    const entries = readdirSync(directory, { recursive, withFileTypes: true })
    return entries.map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
