import type { FirmwareArch } from '../../core/boot-program.ts'
import type { BootAnswer } from '../../netboot/boot-answer.ts'
import type { Firmware } from '../../netboot/firmware.ts'
import { type Finding, fail, note, ok, warn } from './finding.ts'

/** What is known of this server, by which answers are judged. */
export interface Expected {
  readonly interface: string
  /** This server's address there. */
  readonly address: string
  /** The kinds of firmware for which iPXE is installed. */
  readonly archs: ReadonlySet<FirmwareArch>
}

/** What a machine of some firmware would fetch. */
export interface BootFile {
  readonly firmware: Firmware
  readonly file: string
  /** The TFTP server; `undefined` when the file is an address of its own. */
  readonly server: string | undefined
}

/** What is to be said of the answers to one kind of firmware, and what it would fetch. */
export interface Judged {
  readonly findings: readonly Finding[]
  readonly files: readonly BootFile[]
}

/** Judges what one kind of firmware was told by all servers together, as that firmware would. */
export function judgeAnswers(firmware: Firmware, answers: readonly BootAnswer[], expected: Expected): Judged {
  const naming = answers.filter(({ file }) => file !== undefined)
  const told = new Set(naming.map(({ file, from, server }) => `${file} on ${from ?? server}`))
  if (naming.length === 0) return { findings: [notTold(firmware, answers, expected)], files: [] }
  if (told.size > 1) return { findings: [toldTwice(firmware, naming)], files: [] }
  return judgeOne(firmware, naming[0] as BootAnswer, expected)
}

const WHY = 'what DHCP names is what a machine starts'

function notTold(
  firmware: Firmware,
  answers: readonly BootAnswer[],
  { archs, address, ...expected }: Expected,
): Finding {
  const id = idOf(firmware)
  const what = `${firmware.who} is not told what to start`
  const { starts } = firmware
  if (starts !== 'script' && !archs.has(starts)) {
    const mend = `put an iPXE for it into a folder: metalspray serve --interface ${expected.interface} --ipxe FOLDER`
    return (starts === 'arm64' ? note : warn)(id, `${what}: there is no iPXE for it here`, { why: WHY, mend })
  }
  // Its answers to HTTP boot are missing by nature: docs/dhcp.md.
  const isProxied = !answers.some(({ server }) => server === address)
  if (firmware.byHttp && starts !== 'script' && isProxied) {
    const mend = 'have the server that gives addresses tell it: docs/dhcp.md, options for a DHCP server of your own'
    return note(id, `${what}: beside another DHCP server dnsmasq does not answer it`, { why: WHY, mend })
  }
  const mend = `metalspray serve --interface ${expected.interface}, beside another DHCP server with --proxy; or its options: docs/dhcp.md`
  return fail(id, what, { why: WHY, mend })
}

function toldTwice(firmware: Firmware, naming: readonly BootAnswer[]): Finding {
  const each = naming.map(({ server, file }) => `${file} by ${server}`).join(' and ')
  const why = 'firmware believes the one or the other, as it happens'
  const mend = 'take the boot options (66, 67, next-server) away from the server that is not metalspray’s'
  return fail(idOf(firmware), `${firmware.who} is told ${each}`, { why, mend })
}

function judgeOne(firmware: Firmware, answer: BootAnswer, expected: Expected): Judged {
  const file = answer.file ?? ''
  const wrong = firmware.starts === 'script' ? wrongForIpxe(firmware, file) : wrongForFirmware(firmware, answer)
  if (wrong !== undefined) return { findings: [{ ...wrong, id: idOf(firmware) }], files: [] }
  const isAddress = isUrl(file)
  const from = isAddress ? undefined : answer.from
  const by = answer.server === expected.address ? 'this machine' : answer.server
  const where = from === undefined ? '' : ` on ${from}`
  return {
    findings: [ok(idOf(firmware), `${firmware.who} is told ${file}${where} by ${by}`, WHY)],
    files: [{ firmware, file, server: from }],
  }
}

function wrongForIpxe({ who }: Firmware, file: string): Finding | undefined {
  if (isUrl(file)) return undefined
  return fail('', `${who} is told ${file}, as if it were not iPXE already`, {
    why: 'it starts iPXE again and again, or ends with “Nothing to boot”',
    mend: 'the rule for iPXE (option 77 is iPXE, or 175 is there) must come first and name http://SERVER:5000/bootstrap.ipxe: docs/dhcp.md',
  })
}

function wrongForFirmware(firmware: Firmware, { file = '', from, vendorClass }: BootAnswer): Finding | undefined {
  const { who, byHttp } = firmware
  const mend = 'see the table of options: docs/dhcp.md'
  if (/\.ipxe$/.test(file)) {
    return fail('', `${who} is told ${file}, a script that only iPXE understands`, {
      why: 'BIOS runs it as a program and hangs; UEFI gives up',
      mend: `firmware needs iPXE first: ${mend}`,
    })
  }
  if (!byHttp && isUrl(file))
    return fail('', `${who} is told ${file}, which it cannot fetch: it knows TFTP alone`, { why: WHY, mend })
  if (!byHttp && from === undefined)
    return fail('', `${who} is told ${file}, and no server to fetch it from`, {
      why: WHY,
      mend: `name next-server: ${mend}`,
    })
  if (byHttp && !isUrl(file)) return fail('', `${who} is told ${file}, which is no address`, { why: WHY, mend })
  if (byHttp && !vendorClass.startsWith('HTTPClient')) {
    const why = 'UEFI passes over answers that do not say HTTPClient'
    return fail('', `${who} is answered without option 60, HTTPClient`, { why, mend })
  }
  return undefined
}

function isUrl(file: string): boolean {
  return /^https?:\/\//i.test(file)
}

function idOf({ name }: Firmware): string {
  return `dhcp-${name}`
}
