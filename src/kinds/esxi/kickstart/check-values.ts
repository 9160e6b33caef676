import { passwordClasses } from '../password.ts'
import type { Said } from './command-rules.ts'
import { KEYBOARDS } from './keyboards.ts'
import { isLicence } from './licence.ts'
import { errorAt, type Problem, WHOLE_FILE, warningAt } from './problem.ts'

/** What the installer takes behind `--iscrypted`: MD5, SHA-512 without rounds, DES. */
const HASHES = [
  /^\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/,
  /^\$6\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/,
  /^[./0-9A-Za-z]{13}$/,
]

/** Passwords, keyboards, licences, and that what must be said is said. @param isOpen as for `checkInstall` */
export function checkValues(all: readonly Said[], isOpen: boolean): readonly Problem[] {
  const has = (...names: readonly string[]) => all.some(({ name }) => names.includes(name))
  const problems: Problem[] = []
  const require = (isThere: boolean, rule: string, text: string) => {
    if (!isThere && !isOpen) problems.push(errorAt(WHOLE_FILE, rule, text))
  }
  require(has('accepteula', 'vmaccepteula'), 'accepteula', 'accepteula is missing: the installer stops without it')
  require(has('rootpw', 'upgrade'), 'rootpw', 'rootpw is missing: the installer stops without a root password')
  if (!has('reboot') && !isOpen) {
    problems.push(warningAt(WHOLE_FILE, 'reboot', 'without reboot the installer waits for Enter at its end'))
  }
  return [...problems, ...checkTwice(all), ...all.flatMap((said) => VALUES[said.name]?.(said) ?? [])]
}

function checkTwice(all: readonly Said[]): readonly Problem[] {
  return ['rootpw', 'keyboard', 'serialnum'].flatMap((name) => {
    const [, ...more] = all.filter((said) => said.name === name)
    return more.map((said) => warningAt(said, 'twice', `${name} is said twice; take one of them out`))
  })
}

const VALUES: { readonly [command: string]: (said: Said) => readonly Problem[] } = {
  rootpw: (said) => {
    const [password, ...more] = said.words
    if (password === undefined || more.length > 0) return []
    const fault = said.options.has('iscrypted') ? hashFault(password) : clearFault(password)
    return fault === undefined ? [] : [errorAt(said, 'rootpw', fault)]
  },
  keyboard: (said) => {
    const [name = ''] = said.words
    if (said.words.length !== 1 || KEYBOARDS.includes(name)) return []
    return [errorAt(said, 'keyboard', `${name} is no keyboard of the installer; there are ${KEYBOARDS.join(', ')}`)]
  },
  serialnum: checkLicence,
  vmserialnum: checkLicence,
}

function checkLicence(said: Said): readonly Problem[] {
  const licence = said.options.get('esx')
  if (licence !== undefined && isLicence(licence)) return []
  return [errorAt(said, 'serialnum', `${said.name} wants --esx= and five groups of five letters or digits`)]
}

/** Nothing of a password is repeated in a message. */
function hashFault(hash: string): string | undefined {
  if (HASHES.some((form) => form.test(hash))) return undefined
  if (hash.startsWith('$6$rounds=')) return 'the installer knows no rounds= in a hash; make one without'
  if (/^\$(?:5|2[abxy]?|y|7|gy)\$/.test(hash))
    return 'the installer does not know this kind of hash; it wants SHA-512 crypt, $6$'
  return 'what follows --iscrypted is no hash that the installer knows; it wants SHA-512 crypt, $6$SALT$HASH'
}

function clearFault(password: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(password)) return 'a clear password has ASCII characters only'
  if (password.length < 7 || password.length > 40) return 'a clear password has 7 to 40 characters'
  if (passwordClasses(password) >= 3) return undefined
  return 'a clear password has three of lower case, upper case, digits and others; a capital at its start and a digit at its end do not count'
}
