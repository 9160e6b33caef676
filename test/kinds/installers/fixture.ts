import { bootUrls } from '../../../src/core/boot-urls.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { installerFile } from '../../../src/kinds/installers/installers.ts'
import { openTemplates } from '../../../src/render/templates.ts'
import { BOOTID, BUILTIN, hostWith, imageNamed } from '../../render/fixture.ts'

const HASH = '$6$saltsalt$MKKw.fj6We1MPyC3pB8QUkgqOfKZ888wu1NTuDePjw497hX.8aJA84w8aDnVWab3DPm6obziYW0dtbtr1aY2r/'
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5k8Zc3'

const templates = openTemplates({
  operator: undefined,
  builtin: BUILTIN,
  images: '/nowhere',
  hide: (host) => host,
  now: () => 0,
})

/** A file of an installer for a host that is described so, of the package's own templates. */
export function fileFor(name: string, config: JsonObject): string {
  const image = imageNamed('distro')
  const made = installerFile(name, {
    host: hostWith({ hostname: 'web01' }),
    image,
    urls: bootUrls('http://10.77.0.1:5000', 7, BOOTID),
    settings: [],
    description: [config],
    mac: undefined,
    readText: async () => '',
    render: (template, data) => templates.kindFile({ image: image.name, kind: image.kind }, template, data),
  })
  return String(made?.body)
}

/** A host with all that an installer of Linux can be told, and some that none can. */
export const RICH: JsonObject = {
  hostname: 'web01.example.org',
  timezone: 'Europe/Berlin',
  dns: { servers: ['10.0.0.53', '10.0.0.54'], search: ['example.org'] },
  ntp: { servers: ['ntp.example.org', '10.0.0.123'] },
  links: [
    { name: 'left', device: 'eno1', mac: '52:54:00:12:34:56' },
    { name: 'right', type: 'nic', device: 'eno2' },
    { name: 'team', type: 'bond', members: ['left', 'right'], mode: 'active-backup', mtu: 9000 },
    { name: 'prod', type: 'vlan', link: 'team', id: 40 },
    { name: 'extra', mac: '52:54:00:12:34:58' },
  ],
  networks: [
    { link: 'prod', address: '10.0.40.21/24', gateway: '10.0.40.1', routes: [{ to: '10.9.0.0/16', via: '10.0.40.2' }] },
    { link: 'prod', address: '2001:db8::21/64', gateway: '2001:db8::1' },
    { link: 'extra', method: 'dhcp' },
  ],
  root: { passwordHash: HASH, sshKeys: [`${KEY} root's <key> & "more"`] },
  users: [
    { name: 'ada', description: "Ada: it's her", admin: true, passwordHash: HASH, sshKeys: [`${KEY} ada`] },
    { name: 'bob' },
  ],
  syslog: { servers: ['udp://10.0.0.5:514'] },
  kernelSettings: { 'vm.swappiness': 10, 'net.ipv4.ip_forward': true },
  files: [{ path: '/etc/motd', content: "It's <web01> & co.\n%end\n]]>\n", mode: '0640' }],
  commands: { before: ['echo before'], after: ["systemctl enable 'my service'", 'cat <<END\n%end\n]]>\nEND\n'] },
  installDisk: '/dev/disk/by-id/nvme-eui.0025388b710116a1',
}
