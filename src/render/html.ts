import { join } from 'node:path'
import { TemplateError } from './template-error.ts'
import type { TemplateRoot } from './template-files.ts'
import { TemplateFiles } from './template-files.ts'
import { TextRenderer } from './text-renderer.ts'

/** The pages for people. Whatever is printed by `<%= %>` is text in HTML; a value that is missing is an error that names it. */
export class Pages {
  /** The folder of what pages load: style sheet and scripts. */
  readonly assets: string
  readonly #files: TemplateFiles
  readonly #roots: readonly TemplateRoot[]
  readonly #renderer: TextRenderer

  /**
   * @param directory the package's `templates/`
   * @param now any clock in ms
   */
  constructor(directory: string, now: () => number) {
    this.assets = join(directory, 'pages', 'assets')
    this.#files = new TemplateFiles(now)
    this.#roots = [{ directory, label: 'built-in' }]
    this.#renderer = new TextRenderer('html', this.#files, this.#roots)
  }

  /**
   * Renders `templates/pages/<name>.eta`: a whole page, or a part of one.
   * @throws {TemplateError} when the template is wrong or a value is missing
   */
  render(name: string, data: object): string {
    const source = this.#files.find(this.#roots, `pages/${name}.eta`)
    if (source === undefined) throw new TemplateError({ file: name, line: 0, problem: 'there is no such page' })
    return this.#renderer.render(source, data)
  }
}
