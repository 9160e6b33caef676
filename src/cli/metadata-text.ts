import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseYaml } from '../commands/config/parse-yaml.ts'
import { ProvisionError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { checkValue } from '../core/setting.ts'
import { fileError } from '../images/file-errors.ts'
import { parseJson } from './json-text.ts'
import { refuse } from './settings.ts'
import type { Terminal } from './terminal.ts'

/**
 * Reads metadata as they are given to a flag: JSON, `@FILE` of JSON or, by its name, YAML, or `-` for standard input, which is YAML when it does
 * not begin like JSON.
 * @param input what came on standard input
 * @throws {ProvisionError} invalid, in words that go behind the flag, with line and column
 */
export function readMetadataText(text: string, input: string, { cwd }: Pick<Terminal, 'cwd'>): JsonObject {
  const given = text === '-' ? input : textOf(text, cwd)
  const isYaml = text === '-' ? !/^\ufeff?\s*[{["]/.test(given) : /^@.*\.ya?ml$/i.test(text)
  const value = isYaml ? readYaml(given) : parseJson(given)
  if (!isJsonObject(value))
    throw refuse(isYaml ? 'is no YAML of keys like rack: b4' : 'is no JSON object like {"rack": "b4"}')
  checkValue(value)
  return value
}

function textOf(text: string, cwd: string): string {
  if (!text.startsWith('@')) return text
  try {
    return readFileSync(resolve(cwd, text.slice(1)), 'utf8')
  } catch (error) {
    const told = fileError(error, '')
    throw told instanceof Error ? refuse(told.message.trim()) : told
  }
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text, '', '1.2')
  } catch (error) {
    throw error instanceof ProvisionError ? refuse(error.message.trim()) : error
  }
}
