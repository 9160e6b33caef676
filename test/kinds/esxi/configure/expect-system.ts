import assert from 'node:assert/strict'
import type { Config } from './cases/case.ts'
import type { State } from './simulate.ts'

interface SystemConfig {
  readonly hostname?: string
  readonly domain?: string
  readonly ntp?: { readonly servers: readonly string[] }
  readonly syslog?: { readonly servers: readonly string[] }
  readonly root?: LoginConfig
  readonly users?: readonly (LoginConfig & {
    readonly name: string
    readonly admin: boolean
    readonly description?: string
  })[]
  readonly ssh?: { readonly enabled: boolean }
  readonly shell?: { readonly enabled: boolean }
  readonly advancedSettings?: { readonly [name: string]: string | number | boolean }
  readonly kernelSettings?: { readonly [name: string]: string | number | boolean }
  readonly licence?: string
  readonly certificate?: { readonly certificate: string; readonly key: string }
  readonly files?: readonly { readonly path: string; readonly content: string; readonly mode: string }[]
  readonly commands?: { readonly before: readonly string[]; readonly after: readonly string[] }
  readonly datastores?: readonly {
    readonly name: string
    readonly disks: 'boot' | readonly Config[]
    readonly wipe: string
  }[]
}

interface LoginConfig {
  readonly passwordHash?: string
  readonly sshKeys?: readonly string[]
}

/** Holds a host to all of its configuration but the network. */
export function expectSystem(config: SystemConfig, state: State): void {
  const { hostname, domain } = config
  if (hostname !== undefined) {
    const fqdn = state.domain === '' ? state.host : `${state.host}.${state.domain}`
    assert.equal(fqdn, hostname.includes('.') || domain === undefined ? hostname : `${hostname}.${domain}`)
  }
  expectTime(config, state)
  expectLogins(config, state)
  expectSettings(config, state)
  if (config.licence !== undefined) assert.equal(state.licence, config.licence)
  if (config.certificate !== undefined) {
    assert.equal(state.files['/etc/vmware/ssl/rui.crt']?.text, config.certificate.certificate)
    assert.deepEqual(state.files['/etc/vmware/ssl/rui.key'], { text: config.certificate.key, mode: 0o1400 })
  }
  expectFiles(config, state)
  assert.deepEqual(state.ran, [...(config.commands?.before ?? []), ...(config.commands?.after ?? [])])
  for (const store of config.datastores ?? []) expectDatastore(store, state)
}

function expectSettings(config: SystemConfig, state: State): void {
  for (const [key, service] of [
    ['ssh', 'SSH'],
    ['shell', 'ESXShell'],
  ] as const) {
    const enabled = config[key]?.enabled
    if (enabled !== undefined) assert.deepEqual(state.services[service], { policy: enabled, running: enabled })
  }
  for (const [name, value] of Object.entries(config.advancedSettings ?? {})) {
    assert.equal(
      String(state.advanced[name]?.value),
      typeof value === 'boolean' ? String(Number(value)) : String(value),
    )
  }
  for (const [name, value] of Object.entries(config.kernelSettings ?? {})) {
    assert.equal(state.kernel[name]?.value.toLowerCase(), String(value).toLowerCase())
  }
}

function expectFiles(config: SystemConfig, state: State): void {
  for (const { path, content, mode } of config.files ?? []) {
    assert.equal(state.files[path]?.text, content)
    assert.equal((state.files[path]?.mode ?? 0) & 0o777, Number.parseInt(mode, 8))
  }
}

function expectTime({ ntp, syslog }: SystemConfig, state: State): void {
  if (ntp !== undefined) {
    const conf = state.files['/etc/ntp.conf']?.text ?? ''
    const fromFile = conf.split('\n').flatMap((line) => /^server (.*)/.exec(line)?.[1] ?? [])
    const isOld = state.version < '7'
    assert.deepEqual(isOld ? fromFile : state.ntp.servers, ntp.servers)
    assert.ok(isOld ? state.services['ntpd']?.running && state.services['ntpd'].policy : state.ntp.enabled)
    assert.ok(state.firewall.rulesets['ntpClient'])
  }
  if (syslog !== undefined) {
    assert.equal(state.loghost, syslog.servers.join(','))
    assert.ok(state.firewall.rulesets['syslog'])
  }
}

function expectLogins({ root, users = [] }: SystemConfig, state: State): void {
  const hashes = new Map(
    (state.files['/etc/shadow']?.text ?? '').split('\n').map((line) => [line.split(':')[0], line.split(':')[1]]),
  )
  const logins = [...(root === undefined ? [] : [{ name: 'root', admin: true, ...root }]), ...users]
  for (const { name, admin, passwordHash, sshKeys = [] } of logins) {
    assert.ok(name in state.accounts)
    assert.equal(state.permissions[name] === 'Admin', admin)
    if (passwordHash !== undefined) assert.equal(hashes.get(name), passwordHash)
    else if (name !== 'root') assert.equal(hashes.get(name), '*')
    const keys = state.files[`/etc/ssh/keys-${name}/authorized_keys`]
    for (const key of sshKeys) assert.equal(keys?.text.split('\n').filter((line) => line === key).length, 1)
    if (sshKeys.length > 0) assert.equal((keys?.mode ?? 0) & 0o777, 0o600)
  }
}

function expectDatastore(store: NonNullable<SystemConfig['datastores']>[number], state: State): void {
  const extents = state.extents.filter(({ volume }) => volume === store.name)
  const diskOf = (name: string) => state.disks.find((disk) => disk.name === name) ?? assert.fail(`no disk ${name}`)
  const last = (name: string, partition: number) => diskOf(name).partitions.find(({ n }) => n === partition)?.last ?? 0
  // All but what labels and tables take is the datastore's.
  for (const { device, partition } of extents) {
    assert.ok(diskOf(device).sizeMb * 2048 - last(device, partition) <= 4096, `${device} is used to its end`)
  }
  if (store.disks === 'boot') {
    assert.deepEqual(
      extents.map(({ device }) => diskOf(device).boot),
      [true],
    )
    return
  }
  assert.equal(extents.length, store.disks.length)
  for (const [index, match] of store.disks.entries()) {
    expectDisk(match, diskOf(extents.find(({ number }) => number === index)?.device ?? ''))
  }
}

function expectDisk(match: Config, disk: State['disks'][number]): void {
  const { serial, model, minSize, device } = match as {
    serial?: string
    model?: string
    minSize?: number
    device?: string
  }
  if (serial !== undefined) assert.ok(disk.serial === serial || disk.name.endsWith(serial))
  if (model !== undefined) assert.ok(disk.model.toLowerCase().includes(model.toLowerCase()))
  if (minSize !== undefined) assert.ok(disk.sizeMb * 1024 ** 2 >= minSize)
  if (device !== undefined) assert.equal(disk.name, device)
}
