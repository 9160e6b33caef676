import { ProvisionError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'

/** What Linux takes on x86 and arm64; the rest is cut off without a word. Our own options need room too. */
const LONGEST = 1536

/**
 * Reads kernel options that come from a file, so that they are safe to stand in an iPXE script.
 * @throws {ProvisionError} invalid, when they could break out of their line or be taken for an iPXE setting
 */
export function readKernelOptions(text: string, where: string): string {
  const options = text.trim()
  const refuse = (why: string) => new ProvisionError('invalid', `the kernel options in ${where} ${why}`)
  if (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/.test(options)) {
    throw refuse('are more than one line, or hold control characters')
  }
  // iPXE expands ${…} wherever it stands, and no quoting keeps it from that.
  if (options.includes('${')) throw refuse('hold ${, which iPXE takes for one of its settings')
  if (Buffer.byteLength(options) > LONGEST) throw refuse(`are longer than ${LONGEST} bytes`)
  return options
}

/**
 * The kernel options that `image.json` sets, which go before those that a kind finds for itself.
 * @throws {ProvisionError} invalid
 */
export function optionsSetting(settings: JsonObject): string | undefined {
  const { kernelOptions } = settings
  if (kernelOptions === undefined) return undefined
  if (typeof kernelOptions === 'string') return readKernelOptions(kernelOptions, 'image.json')
  throw new ProvisionError('invalid', 'kernelOptions in image.json is not a text')
}

/** Splits kernel options into words; a kernel takes any blank between two of them. */
export function splitOptions(options: string): string[] {
  return options.split(/[ \t]+/).filter((word) => word !== '')
}
