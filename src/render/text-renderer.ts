import { posix } from 'node:path'
import { compileFunction } from 'node:vm'
import { Eta, EtaParseError } from 'eta'
import { ProvisionError } from '../core/errors.ts'
import { HELPERS, printValue, type Syntax, Written } from './syntax.ts'
import { TemplateError } from './template-error.ts'
import type { TemplateFiles, TemplateRoot, TemplateSource } from './template-files.ts'

type Compiled = (this: unknown, data: object, options: { filepath: string }) => string

/** Values that templates may print are compared with this many characters of their expression in messages. */
const LONGEST_EXPRESSION = 60

/**
 * Renders Eta templates for line-oriented text. Eta's own settings are for HTML: they eat the newline behind a tag, turn `&`
 * into `&amp;` and print a missing value as `undefined`. Here every newline stays, a value is checked against the syntax of the
 * file, and a missing value is an error that names it.
 */
export class TextRenderer {
  readonly #eta: Eta
  readonly #files: TemplateFiles
  readonly #includes: readonly TemplateRoot[]
  readonly #compiled = new WeakMap<TemplateSource, Compiled>()
  readonly #sources = new Map<string, TemplateSource>()
  /** What included names stand for; those alone for which there is a template. */
  readonly #names = new Map<string, string>()

  /** @param includes where `include('/boot/kernel', it)` looks, in this order */
  constructor(syntax: Syntax, files: TemplateFiles, includes: readonly TemplateRoot[]) {
    this.#files = files
    this.#includes = includes
    this.#eta = new Eta({
      autoTrim: false,
      autoEscape: true,
      // Without it Eta does not know the line in which a template failed.
      debug: true,
      // Eta calls this with whatever stands between its parentheses: the value, and the expression that keepExpressions added.
      escapeFunction: guarded((value) => printValue(syntax, value)),
      filterFunction: guarded(printRaw),
      functionHeader: `const { ${Object.keys(HELPERS).join(', ')} } = this.helpers;`,
      plugins: [{ processAST: keepExpressions }],
    })
    Object.assign(this.#eta, {
      helpers: HELPERS,
      // What `include` calls.
      render: (name: string, data: object, meta: { readonly filepath: string }) =>
        this.#include(name, data, meta.filepath),
      RuntimeErr: (error: unknown, text: string, line: number, file: string) => refuse(error, text, { file, line }),
    })
  }

  /** @throws {TemplateError} when the template is wrong or a value is missing or must not stand there */
  render(source: TemplateSource, data: object): string {
    return this.compile(source).call(this.#eta, data, { filepath: source.shown })
  }

  /** @throws {TemplateError} when the template is wrong */
  compile(source: TemplateSource): Compiled {
    const known = this.#compiled.get(source)
    if (known !== undefined) return known
    const compiled = compileSource(this.#eta, source)
    this.#compiled.set(source, compiled)
    this.#sources.set(source.shown, source)
    return compiled
  }

  /** A name that starts with `/` is looked up in the template directories, any other beside the including file. */
  #include(name: string, data: object, includer: string): string {
    const from = name.startsWith('/') ? undefined : this.#sources.get(includer)
    const wanted = (from === undefined ? this.#names.get(name) : undefined) ?? nameOf(name, from)
    const roots = from === undefined ? this.#includes : [from.root]
    const source = wanted.startsWith('..') ? undefined : this.#files.find(roots, wanted)
    if (source === undefined) throw new ProvisionError('not-found', `include of ${name}: there is no such template`)
    if (from === undefined) this.#names.set(name, wanted)
    return this.render(source, data)
  }
}

/** The name of an included template below its root; without an includer's directory it is meant from the root. */
function nameOf(name: string, from: TemplateSource | undefined): string {
  const file = name.endsWith('.eta') ? name : `${name}.eta`
  return from === undefined ? posix.join('/', file).slice(1) : posix.join(posix.dirname(from.name), file)
}

type Ast = Parameters<NonNullable<Eta['config']['plugins'][number]['processAST']>>[0]

/** Gives the printing functions the text of each expression, for their messages. */
function keepExpressions(ast: Ast): Ast {
  return ast.map((part) => {
    if (typeof part === 'string' || (part.t !== 'i' && part.t !== 'r')) return part
    const shown = part.val.replace(/\s+/g, ' ').trim().slice(0, LONGEST_EXPRESSION)
    const call = `(${part.val}\n), ${JSON.stringify(shown)}`
    // Raw output goes past Eta's escapeFunction: it is led through the filter by hand, so that it misses no value either.
    return { ...part, val: part.t === 'r' ? `__eta.f(${call})` : call }
  })
}

function guarded(print: (value: unknown) => string): (value: unknown, expression?: string) => string {
  return (value, expression = '') => {
    if (value === undefined) throw new ProvisionError('invalid', `${expression} is undefined`)
    try {
      return print(value)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      throw new ProvisionError('invalid', `${expression}: ${error.message}`, { cause: error })
    }
  }
}

function printRaw(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || value instanceof Written) return String(value)
  throw new ProvisionError('invalid', `is ${value === null ? 'null' : typeof value}, neither a text nor a number`)
}

/** Throws what went wrong inside a template with its place; what an included template threw has its own already. */
function refuse(error: unknown, text: string, at: { readonly file: string; readonly line: number }): never {
  if (error instanceof TemplateError) throw error
  const problem = error instanceof Error ? error.message : String(error)
  const tag = text.split('\n')[at.line - 1]?.trim() ?? ''
  const where = error instanceof ProvisionError ? '' : `, in ${tag.slice(0, LONGEST_EXPRESSION)}`
  throw new TemplateError({ ...at, problem: `${problem.split('\n')[0]}${where}` }, { cause: error })
}

function compileSource(eta: Eta, source: TemplateSource): Compiled {
  let code = ''
  try {
    code = eta.compileToString(source.text)
    return compileFunction(code, ['it', 'options'], { filename: source.shown }) as Compiled
  } catch (error) {
    if (error instanceof EtaParseError) throw parseFault(error, source)
    if (!(error instanceof SyntaxError)) throw error
    throw new TemplateError(
      {
        file: source.shown,
        line: templateLine(source.text, code, error),
        problem: `is not JavaScript: ${error.message}`,
      },
      { cause: error },
    )
  }
}

/** Eta's own message: `unclosed tag at line 3 col 1:` and the line. */
function parseFault(error: EtaParseError, source: TemplateSource): TemplateError {
  const [, problem = error.message, line = '0'] = /^(.*) at line (\d+) col \d+:/.exec(error.message) ?? []
  return new TemplateError({ file: source.shown, line: Number(line), problem }, { cause: error })
}

/** V8 names the line of the generated code; Eta wrote the template's line before each tag's code. */
function templateLine(text: string, code: string, error: SyntaxError): number {
  const generated = Number(/^.*:(\d+)\n/.exec(error.stack ?? '')?.[1] ?? 0)
  const before = code.split('\n').slice(0, generated)
  const marker = before.findLastIndex((line) => /^__eta\.line=\d+$/.test(line))
  if (marker < 0) return 0
  const line = Number(before[marker]?.slice('__eta.line='.length))
  // A tag's code has its lines; what is around it has some more.
  const inTag = text
    .split('\n')
    .slice(line - 1)
    .findIndex((one) => one.includes('%>'))
  return line + Math.min(Math.max(0, generated - marker - 2), Math.max(0, inTag))
}
