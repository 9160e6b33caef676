import { parse, YAMLParseError } from 'yaml'
import { ProvisionError } from '../../core/errors.ts'
import type { Json } from '../../core/json.ts'

/** For JSON, whose own way would be a list of bytes. */
function asText(this: unknown, key: string, value: unknown): unknown {
  const given: unknown = Reflect.get(Object(this), key)
  return given instanceof Uint8Array ? new TextDecoder().decode(given) : value
}

/**
 * Reads YAML, of which JSON is a part.
 * @param version 1.1 for files that were written for Python's reader, where `yes` is true. Numbers to the base of sixty are left out: nobody
 *   means `52:54:00:12:34:56` as one
 * @throws {ProvisionError} invalid, saying where it goes wrong
 */
export function parseYaml(text: string, file: string, version: '1.1' | '1.2'): Json {
  try {
    const parsed: unknown = parse(text, {
      version,
      logLevel: 'error',
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.format !== 'TIME'),
    })
    // What JSON cannot hold, a date or a binary text, becomes what it looks like.
    return JSON.parse(JSON.stringify(parsed ?? null, asText)) as Json
  } catch (error) {
    if (error instanceof YAMLParseError) {
      const [first = ''] = error.message.split('\n')
      throw new ProvisionError('invalid', `${file} is no YAML: ${first.replace(/:$/, '')}`)
    }
    // The stack of a reader that has references to references.
    throw new ProvisionError(
      'invalid',
      `${file} cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
