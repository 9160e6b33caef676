import fc, { type Arbitrary } from 'fast-check'
import type { KnownHost, KnownWorld } from './known-hosts.ts'
import { name, printable, query, value } from './values.ts'

/** A request as `inject` and the wire can send it. */
export interface FuzzRequest {
  readonly method: string
  /** Path and query, encoded or not. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Something that is harmless beside a known host's own identity: what is shown only, or nothing, or not to be read at all. */
const beside = fc.oneof(
  fc
    .tuple(fc.constantFrom('platform', 'arch', 'mfr', 'prod', 'ipxe', 'ip', 'try', 'errno', 'asset'), value)
    .map((p) => p.join('=')),
  fc.constantFrom(
    'net1=',
    'net2=00:00:00:00:00:00',
    'net3=ff:ff:ff:ff:ff:ff',
    'net4=52:54',
    `net5=\${net5/mac}`,
    'netmask=255.0.0.0',
  ),
)

/** A known machine that asks: whole or in part, alone or with parts of another one. Never with anything new about it. */
function knownIdentity(hosts: readonly KnownHost[]): Arbitrary<string> {
  const host = fc.constantFrom(...hosts)
  const parts = fc
    .tuple(host, fc.boolean(), fc.subarray(['mac', 'serial', 'uuid'] as const, { minLength: 1 }))
    .map(([known, isHex, names]) => {
      const told = {
        mac: `net0=${known.mac}`,
        serial: `serial=${isHex ? hex(known.serial) : known.serial}`,
        uuid: `uuid=${known.uuid}`,
      }
      return [...(isHex ? ['v=2'] : []), ...names.map((part) => told[part])]
    })
  const mixed = fc
    .tuple(host, host)
    .map(([one, other]) => [`net0=${one.mac}`, `net1=${other.mac}`, `serial=${other.serial}`])
  return fc
    .tuple(fc.oneof(parts, mixed), fc.array(beside, { maxLength: 4 }))
    .map(([own, more]) => [...own, ...more].join('&'))
}

/** A machine of a few hundred that nobody knows at first: being discovered is its right. */
const freshIdentity: Arbitrary<string> = fc.integer({ min: 0, max: 400 }).map((n) => {
  const digits = n.toString(16).padStart(4, '0')
  return `net0=02:f0:00:00:${digits.slice(0, 2)}:${digits.slice(2)}&serial=FRESH-${n}`
})

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

/** A bootid that is no key: made up, over, or nearly the live one. */
function badKey({ live, over }: KnownWorld): Arbitrary<string> {
  const nearly = [
    live.toUpperCase(),
    live.slice(1),
    `${live}0`,
    `${live}%00`,
    `0${live.slice(1)}`,
    `${live.slice(0, 31)}g`,
    ` ${live}`,
  ]
  return fc.oneof(
    fc.constantFrom(...over, ...nearly.filter((key) => key !== live)),
    fc.stringMatching(/^[0-9a-f]{32}$/),
    value,
  )
}

function targets(world: KnownWorld): Arbitrary<string> {
  const bad = badKey(world)
  const any = fc.oneof(bad, fc.constant(world.live))
  const withQuery = (path: Arbitrary<string>) =>
    fc.tuple(path, query).map(([base, more]) => (more === '' ? base : `${base}?${more}`))
  const callback = fc.constantFrom(
    'finish',
    'fail',
    'report',
    'wait',
    'queue',
    'post-install',
    'tree/vmlinuz',
    'tree',
    'boot.cfg',
    'ks.cfg',
    '01-52-54-00-00-00-05/boot.cfg',
    'stage/started',
    'stage/nothing',
    'FINISH',
    'finish/',
  )
  // All but what ends the live boot, which is for the end of the run.
  const harmless = fc.constantFrom(
    'queue',
    'report',
    'wait',
    'post-install',
    'tree/vmlinuz',
    'tree/',
    'tree/initrd',
    'TREE/x',
    'nothing',
    'boot.cfg',
    'meta.tgz',
    '01-52-54-00-00-00-05/boot.cfg',
    'stage/started',
    'stage/configured',
  )
  const other = fc.constantFrom(1, 2, 3, 4, 6, 99)
  return fc.oneof(
    { weight: 3, arbitrary: knownIdentity(world.hosts).map((text) => `/bootstrap?${text}`) },
    { weight: 1, arbitrary: freshIdentity.map((text) => `/bootstrap?${text}`) },
    { weight: 3, arbitrary: withQuery(fc.constantFrom('/bootstrap', '/bootstrap.ipxe', '/beacon')) },
    {
      weight: 3,
      arbitrary: withQuery(fc.tuple(bad, fc.oneof(callback, value)).map(([key, path]) => `/b/${key}/${path}`)),
    },
    { weight: 3, arbitrary: withQuery(harmless.map((path) => `/b/${world.live}/${path}`)) },
    {
      weight: 2,
      arbitrary: value.filter((path) => !/f[ai]/i.test(path)).map((path) => `/b/${world.live}/tree/${path}`),
    },
    { weight: 2, arbitrary: fc.tuple(other, any).map(([id, key]) => `/finish?id=${id}&bootid=${key}`) },
    { weight: 2, arbitrary: bad.map((key) => `/finish?id=5&bootid=${key}`) },
    { weight: 2, arbitrary: fc.tuple(fc.nat(6), any).map(([id, key]) => `/post-install?id=${id}&bootid=${key}`) },
    { weight: 3, arbitrary: fc.tuple(fc.nat(6), any).map(([id, key]) => `/update?id=${id}&bootid=${key}`) },
    {
      weight: 2,
      arbitrary: withQuery(fc.constantFrom('/state', '/finish', '/update', '/post-install', '/hosts', '/')),
    },
    { weight: 1, arbitrary: fc.nat(8).map((id) => `/state?id=${id}`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          fc.constantFrom('/images/', '/ipxe/', '/images/demo/'),
          fc.array(fc.oneof(value, fc.constantFrom('demo', 'vmlinuz', '..')), { maxLength: 5 }),
        )
        .map(([root, parts]) => root + parts.join('/')),
    },
    {
      weight: 3,
      arbitrary: withQuery(
        fc
          .array(fc.oneof(value, fc.constantFrom('01-52-54-00-00-99-99', '01-0-0-0-0-0-0', 'mboot.efi', 'boot.cfg')), {
            maxLength: 3,
          })
          .map((parts) => ['/uefi', ...parts].join('/')),
      ),
    },
    { weight: 2, arbitrary: fc.constantFrom('/images/demo/vmlinuz', '/images/demo/initrd', '/ipxe/ipxe.efi') },
    { weight: 1, arbitrary: withQuery(value.map((path) => `/${path}`)) },
  )
}

const header: Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(
    fc.constant('range'),
    fc.oneof(fc.constantFrom('bytes=0-', 'bytes=-1', 'bytes=5-2', 'bytes=0-1,3-4', 'bytes=99-'), printable(20)),
  ),
  fc.tuple(
    fc.constantFrom('if-range', 'if-match', 'if-none-match', 'if-modified-since'),
    fc.oneof(fc.constantFrom('*', '"x"', 'W/"x"', 'Thu, 01 Jan 1970 00:00:00 GMT'), printable(20)),
  ),
  fc.tuple(
    fc.constantFrom(
      'accept',
      'accept-encoding',
      'accept-version',
      'cookie',
      'host',
      'x-forwarded-for',
      'x-http-method-override',
    ),
    printable(40),
  ),
)

const TYPES = [
  ...['application/x-www-form-urlencoded', 'application/json', 'text/plain', 'application/octet-stream', 'text/html'],
  ...[
    'multipart/form-data; boundary=y',
    'multipart/form-data',
    'multipart/mixed; boundary=y',
    'x',
    '',
    'application/json; charset=utf-16',
  ],
]

const body: Arbitrary<string> = fc.oneof(
  value,
  query,
  fc.json(),
  fc.json().map((json) => `metadata=${encodeURIComponent(json)}`),
  fc
    .tuple(name, value)
    .map(([key, text]) => `--y\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${text}\r\n--y--\r\n`),
  fc.constantFrom('{"mac":"02:f1:00:00:00:01"}', '--y', '{"a":'.repeat(2000), 'mac=&'.repeat(500), '\0'.repeat(100)),
)

/** Any request at all that leaves known hosts as they are, or should. */
export function requests(world: KnownWorld): Arbitrary<FuzzRequest> {
  const method = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('GET', 'GET', 'HEAD', 'POST') },
    { weight: 1, arbitrary: fc.constantFrom('PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE') },
  )
  const headers = fc.array(header, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs))
  return fc
    .tuple(method, targets(world), headers, fc.constantFrom(...TYPES), body)
    .map(([verb, target, more, type, text]) =>
      verb === 'POST' || verb === 'PUT' || verb === 'PATCH'
        ? { method: verb, target, headers: { ...more, 'content-type': type }, body: text }
        : { method: verb, target, headers: more, body: undefined },
    )
}
