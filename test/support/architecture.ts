import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const ADAPTERS = ['render', 'store', 'images', 'dnsmasq', 'netboot', 'power', 'syslog', 'webhooks']

/** Which folders of `src/` a folder may import; itself always. `.` are the files directly in `src/`. */
const MAY_IMPORT: { readonly [folder: string]: readonly string[] } = {
  core: [],
  ...Object.fromEntries(ADAPTERS.map((adapter) => [adapter, ['core']])),
  kinds: ['core', 'render', 'images'],
  commands: ['core', ...ADAPTERS, 'kinds'],
  http: ['core', ...ADAPTERS, 'kinds', 'commands'],
  '.': ['core', ...ADAPTERS, 'kinds', 'commands', 'http'],
  cli: ['.', 'core', ...ADAPTERS, 'kinds', 'commands', 'http'],
}

const LONGEST_FILE = 250

/** What the files below a `src/` do that the layers forbid, one line each: `core/host.ts imports store/sqlite.ts`. */
export function breaches(src: string): string[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8')
    return [...importBreaches(file, text), ...textBreaches(file, text)].map((breach) => `${file} ${breach}`)
  })
}

function importBreaches(file: string, text: string): string[] {
  const folder = folderOf(file)
  const allowed = MAY_IMPORT[folder]
  if (allowed === undefined) return [`is in the folder ${folder}, which is in no layer`]
  return importsOf(text).flatMap((imported) => {
    if (!imported.startsWith('.')) return packageBreach(folder, imported)
    const target = posix.join(posix.dirname(file), imported)
    if (!imported.endsWith('.ts')) return [`imports ${imported} without .ts`]
    return [folder, ...allowed].includes(folderOf(target)) ? [] : [`imports ${target}`]
  })
}

function packageBreach(folder: string, imported: string): string[] {
  if (folder === 'core') return [`imports ${imported}; core stands alone`]
  return imported === 'node:process' && folder !== 'cli' ? ['imports node:process, which is for cli/'] : []
}

/** The clock, randomness and the outside world, which core is told of by arguments. */
const NOT_IN_CORE =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\b(?:crypto|process|performance)\.\w+|\b(?:setTimeout|fetch)\(/g
const ONLY_IN_CLI = /\bprocess\.(?:env|exit|exitCode|argv)\b|\bconsole\.\w+/g

function textBreaches(file: string, text: string): string[] {
  const lines = text.trimEnd().split('\n').length
  const code = withoutComments(text)
  const folder = folderOf(file)
  const forCli =
    folder === 'cli' ? [] : (code.match(ONLY_IN_CLI) ?? []).map((used) => `uses ${used}, which is for cli/`)
  const impure = folder === 'core' ? (code.match(NOT_IN_CORE) ?? []).map((used) => `uses ${used}; core is pure`) : []
  return [...(lines > LONGEST_FILE ? [`has ${lines} lines`] : []), ...new Set([...forCli, ...impure])]
}

/** `core` for `core/host.ts`, `.` for `serve.ts`, `..` for what lies beside `src/`. */
function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '.'
}

/** Static, type, dynamic and re-exporting imports. */
function importsOf(text: string): string[] {
  const pattern = /^\s*(?:import|export)\b[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"`]([^'"`]+)['"`]/gm
  return [...withoutComments(text).matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')
}

/**
 * What a file has loaded before it does anything: files below `src/`, and packages. What is imported as a type alone is not, nor by `import()`.
 * @param entry below `src/`
 */
export function loadedBy(src: string, entry: string): ReadonlySet<string> {
  const pattern =
    /^\s*(?:import|export)\s+(?!type\b)[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]/gm
  const found = new Set([entry])
  for (const file of found) {
    if (!file.endsWith('.ts')) continue
    for (const [, named, bare = ''] of withoutComments(readFileSync(join(src, file), 'utf8')).matchAll(pattern)) {
      const imported = named ?? bare
      found.add(imported.startsWith('.') ? posix.join(posix.dirname(file), imported) : imported)
    }
  }
  return found
}

/** Takes comments away and leaves strings, in which `//` is no comment. */
function withoutComments(text: string): string {
  return text.replace(
    /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, quoted) => quoted ?? ' ',
  )
}
