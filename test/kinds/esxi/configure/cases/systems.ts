import type { Case } from './case.ts'

const OLD = { version: '6.7.0' }
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5 operator'
const PEM = (what: string) => `-----BEGIN ${what}-----\nMIIB\n-----END ${what}-----\n`

/** Names, clocks, logs, logins, settings, files and commands. */
export const SYSTEMS: readonly Case[] = [
  { name: 'nothing-is-wished', config: {} },
  { name: 'host-name-alone', config: { hostname: 'esx1' } },
  { name: 'host-name-with-domain', config: { hostname: 'esx1', domain: 'example.com' } },
  { name: 'time-servers', config: { ntp: { servers: ['10.0.0.3', 'ntp.example.com'] } } },
  { name: 'time-servers-of-6.7', host: OLD, config: { ntp: { servers: ['10.0.0.3', 'ntp.example.com'] } } },
  { name: 'logs', config: { syslog: { servers: ['udp://10.0.0.7:514', 'ssl://log.example.com:1514'] } } },
  { name: 'root', config: { root: { passwordHash: '$6$salt$new', sshKeys: [KEY, `${KEY}2`] } } },
  {
    name: 'root-has-keys-already',
    host: { files: { '/etc/ssh/keys-root/authorized_keys': { mode: 0o600, text: `${KEY}\nssh-rsa AAAA other` } } },
    config: { root: { sshKeys: [KEY, `${KEY}2`] } },
  },
  {
    name: 'users',
    config: {
      users: [
        { name: 'ops', admin: true, passwordHash: '$6$salt$ops', description: 'Operators', sshKeys: [KEY] },
        { name: 'watch', admin: false, sshKeys: [] },
      ],
    },
  },
  {
    name: 'user-loses-a-role',
    host: { accounts: { ops: 'ops' }, permissions: { ops: 'Admin' } },
    config: {
      users: [{ name: 'ops', admin: false, passwordHash: '$6$salt$ops', description: 'No more', sshKeys: [] }],
    },
  },
  { name: 'services-on', config: { ssh: { enabled: true }, shell: { enabled: true } } },
  {
    name: 'services-off',
    host: { services: { SSH: { policy: true, running: true }, ESXShell: { policy: false, running: true } } },
    config: { ssh: { enabled: false }, shell: { enabled: false } },
  },
  {
    name: 'settings',
    config: {
      advancedSettings: {
        '/UserVars/SuppressShellWarning': 1,
        '/Syslog/global/logHost': 'udp://10.0.0.7',
        '/Net/FollowHardwareMac': false,
        '/UserVars/ESXiShellInteractiveTimeOut': 0,
      },
      kernelSettings: { iovDisableIR: true, hyperthreading: true, logPort: 'com1' },
    },
  },
  {
    name: 'setting-that-is-unknown',
    config: { hostname: 'esx1', advancedSettings: { '/No/Such': 1 }, ntp: { servers: ['10.0.0.3'] } },
    ends: 'partly',
    says: 'advanced settings: esxcli system settings advanced list --option=/No/Such: Unable to find option Such',
  },
  {
    name: 'kernel-setting-that-is-unknown',
    config: { kernelSettings: { none: 1 } },
    ends: 'partly',
    says: 'Invalid Key Name: none',
  },
  { name: 'licence', config: { licence: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' } },
  { name: 'certificate', config: { certificate: { certificate: PEM('CERTIFICATE'), key: PEM('PRIVATE KEY') } } },
  {
    name: 'files',
    host: { files: { '/etc/motd': { mode: 0o644, text: 'old\n' }, '/etc/same': { mode: 0o640, text: 'same' } } },
    config: {
      files: [
        { path: '/etc/motd', content: 'welcome\n', mode: '0644' },
        { path: '/etc/same', content: 'same', mode: '0640' },
        { path: '/opt/tool.sh', content: '#!/bin/sh\n', mode: '0755' },
      ],
    },
  },
  { name: 'commands', config: { commands: { before: ['echo one', "echo 'two'"], after: ['echo three'] } } },
  {
    name: 'command-that-fails',
    config: { hostname: 'esx1', commands: { before: ['false', 'echo never'], after: ['echo three'] } },
    ends: 'partly',
    says: 'commands before: sh -c false: ended with status 1',
  },
  {
    name: 'licence-that-is-refused',
    config: { licence: 'AAAAA-BBBBB' },
    ends: 'partly',
    says: 'licence: vim-cmd vimsvc/license --set ***: ',
  },
  { name: 'firewall-is-off', host: { firewall: { enabled: false } }, config: { hostname: 'esx1' } },
]
