import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The templates that come with metalspray. The package's folder is one up from here, both in `src/` and in `dist/`. */
export const PACKAGE_TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url))

/** The version in package.json. */
export function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
