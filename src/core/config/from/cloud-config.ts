import { ProvisionError } from '../../errors.ts'
import type { Json, JsonObject } from '../../json.ts'
import { filled } from '../filled.ts'
import { type Converted, Source } from './converted.ts'

/** What of cloud-init's is its own matter and changes no host: how it runs, what it prints. */
const OF_CLOUD_INIT = [
  'output',
  'final_message',
  'datasource',
  'datasource_list',
  'preserve_hostname',
  'manage_etc_hosts',
  'prefer_fqdn_over_hostname',
]

/**
 * Reads cloud-init's user data, as far as a host can be told the same without cloud-init: names, users, keys, passwords, NTP, files and
 * commands.
 * @param document the parsed `#cloud-config`
 * @param path what its values are told below
 * @throws {ProvisionError} invalid, with the path of what is wrong
 */
export function fromCloudConfig(document: Json, path = 'user-data'): Converted {
  const data = new Source(document, path)
  const warnings: string[] = []
  const [users, root] = readUsers(data, warnings)
  const passwords = readPasswords(data)
  const withPasswords = users.map((user) => ({ ...user, ...passwords.get(String(user['name'])) }))
  for (const name of passwords.keys()) {
    if (name !== 'root' && !users.some((user) => user['name'] === name)) {
      warnings.push(`${data.at('chpasswd')} names ${name}, who is none of the users, and is left out`)
    }
  }
  const ntp = data.object('ntp')
  const servers = [...(ntp?.texts('servers') ?? []), ...(ntp?.texts('pools') ?? [])]
  ntp?.ignore('enabled', 'ntp_client')
  const resolv = data.object('resolv_conf')
  const files = data.objects('write_files').flatMap((file) => readFile(file, warnings))
  const appended = files.filter(({ isAppended }) => isAppended).map(appending)
  const config = filled({
    hostname: data.text('fqdn') ?? data.text('hostname'),
    timezone: data.text('timezone'),
    root: filled({
      ...root,
      ...passwords.get('root'),
      sshKeys: [...keysOf(root), ...data.texts('ssh_authorized_keys')],
    }),
    users: withPasswords,
    ntp: filled({ servers }),
    dns: filled({ servers: resolv?.texts('nameservers'), search: resolv?.texts('searchdomains') }),
    files: files
      .filter(({ isAppended }) => !isAppended)
      .map(({ path, content, mode }) => filled({ path, content, mode })),
    commands: filled({ before: commandsOf(data, 'bootcmd'), after: [...appended, ...commandsOf(data, 'runcmd')] }),
  })
  data.ignore('hostname', 'disable_root', 'manage_resolv_conf', ...OF_CLOUD_INIT)
  return { config, warnings: [...warnings, ...data.leftOver, ...(ntp?.leftOver ?? []), ...(resolv?.leftOver ?? [])] }
}

function keysOf(root: JsonObject): readonly Json[] {
  const keys = root['sshKeys']
  return Array.isArray(keys) ? keys : []
}

/** The users beside root, and what is said of root. */
function readUsers(data: Source, warnings: string[]): readonly [readonly JsonObject[], JsonObject] {
  const users: JsonObject[] = []
  let root: JsonObject = {}
  data.list('users').forEach((item, at) => {
    // `default` is the user that a distribution makes by itself.
    if (item === 'default') return
    const user = new Source(typeof item === 'string' ? { name: item } : item, `${data.at('users')}[${at}]`)
    const name = user.need('name')
    const hash = user.text('passwd') ?? user.text('hashed_passwd')
    const login = {
      passwordHash: hash,
      password: user.text('plain_text_passwd'),
      sshKeys: user.texts('ssh_authorized_keys'),
    }
    const admin = user.get('sudo') !== undefined && user.get('sudo') !== false
    user.ignore('sudo', 'lock_passwd')
    if (name === 'root') root = filled(login)
    else users.push(filled({ name, description: user.text('gecos'), admin: admin || undefined, ...login }))
    warnings.push(...user.leftOver)
  })
  return [users, root]
}

/** Passwords by user, of `chpasswd` in its three forms. */
function readPasswords(data: Source): ReadonlyMap<string, JsonObject> {
  const source = data.object('chpasswd')
  if (source === undefined) return new Map()
  source.ignore('expire')
  const given = source.get('list')
  const lines = typeof given === 'string' ? given.split('\n') : source.texts('list')
  const listed = lines.filter((line) => line.trim() !== '').map((line) => passwordLine(line.trim(), source.at('list')))
  return new Map([...listed, ...source.objects('users').map(passwordEntry)])
}

function passwordLine(line: string, path: string): readonly [string, JsonObject] {
  const [, name, password] = /^([^:]+):(.*)$/.exec(line) ?? []
  if (name === undefined || password === undefined) {
    throw new ProvisionError('invalid', `${path} must have lines like NAME:PASSWORD`)
  }
  return [name, passwordOf(password, path)]
}

function passwordEntry(user: Source): readonly [string, JsonObject] {
  const [name, type] = [user.need('name'), user.text('type') ?? 'hash']
  if (type === 'RANDOM') {
    throw new ProvisionError('invalid', `${user.at('type')} RANDOM would be a password that nobody is told`)
  }
  const password = user.need('password')
  return [name, type === 'text' ? { password } : { passwordHash: password }]
}

function passwordOf(password: string, path: string): JsonObject {
  if (password === 'R' || password === 'RANDOM')
    throw new ProvisionError('invalid', `${path} has a random password, which nobody would be told`)
  return /^\$(?:1|2[axy]?|5|6|y)\$/.test(password) ? { passwordHash: password } : { password }
}

/** A file, or what is put behind the end of one. */
interface Writing {
  readonly path: string
  readonly content: string
  readonly mode: string | undefined
  readonly isAppended: boolean
}

function readFile(file: Source, warnings: string[]): readonly Writing[] {
  const [path, encoding = 'text/plain'] = [file.need('path'), file.text('encoding')]
  const content = file.text('content') ?? ''
  const isBase64 = /^(?:b64|base64)$/.test(encoding)
  if (!isBase64 && encoding !== 'text/plain') {
    warnings.push(`${file.at('encoding')} ${encoding} is none of text/plain, base64: ${path} is left out`)
    return []
  }
  const [mode, isAppended] = [permissionsOf(file), file.get('append') === true]
  const owner = file.text('owner') ?? 'root'
  if (!/^root(?::root)?$/.test(owner)) warnings.push(`${file.at('owner')} ${owner} is not possible: ${path} is root's`)
  file.ignore('defer')
  warnings.push(...file.leftOver)
  return [{ path, content: isBase64 ? decode(content, file.at('content')) : content, mode, isAppended }]
}

/** It is done once, as the other commands are. */
function appending({ path, content }: Writing): string {
  return `printf %s ${quotedWord(content)} >>${quotedWord(path)}`
}

/** Without quotes, `0644` is a number in YAML 1.1, and cloud-init takes it for that. */
function permissionsOf(file: Source): string | undefined {
  const value = file.get('permissions')
  return typeof value === 'number' ? value.toString(8).padStart(4, '0') : file.text('permissions')
}

function decode(content: string, path: string): string {
  try {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ProvisionError('invalid', `${path} is no text in base64`)
  }
}

/** Commands as one line of shell each: a list is a command with its arguments, a text is shell already. */
function commandsOf(data: Source, key: string): readonly string[] {
  return data.list(key).map((command, at) => {
    if (typeof command === 'string') return command
    if (
      Array.isArray(command) &&
      command.length > 0 &&
      command.every((word) => typeof word === 'string' || typeof word === 'number')
    ) {
      return command.map((word) => quotedWord(String(word))).join(' ')
    }
    throw new ProvisionError('invalid', `${data.at(key)}[${at}] must be a command, as a text or as a list of words`)
  })
}

function quotedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
