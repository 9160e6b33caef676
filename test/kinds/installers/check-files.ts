import assert from 'node:assert/strict'

/** What debconf's types allow as a value; a note has none. */
const VALUES: { readonly [type: string]: RegExp } = {
  string: /^[\x20-\x7e]*$/,
  boolean: /^(?:true|false)$/,
  select: /^\S[\x20-\x7e]*$/,
  multiselect: /^[\w-]+(?:, [\w-]+)*$/,
  password: /^\S+$/,
  note: /^$/,
}

/** Reads a preseed file strictly: every line is empty, a comment, or an answer; none is continued. */
export function parsePreseed(text: string): ReadonlyMap<string, string> {
  const answers = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, question = '', type = '', value = ''] =
      /^(?:d-i|tasksel) ([a-z-]+(?:\/[a-z_-]+)+) (\w+)(?: (.*))?$/.exec(line) ?? []
    assert.match(value, VALUES[type] ?? /^\b$/, `not an answer: ${line}`)
    assert.ok(!line.endsWith('\\'), line)
    assert.ok(!answers.has(question), `twice: ${line}`)
    answers.set(question, value)
  }
  return answers
}

/** The commands that there may be, with what each of their arguments looks like. */
const COMMANDS: { readonly [command: string]: RegExp } = {
  text: /^$/,
  lang: /^\w+\.UTF-8$/,
  keyboard: /^\w+$/,
  timezone: /^(?:[\w/+-]+|--utc)$/,
  network:
    /^--(?:bootproto=(?:static|dhcp)|(?:device|ip|netmask|gateway|nameserver|mtu|hostname|vlanid|interfacename|bondslaves|bondopts|ipv6|ipv6gateway|onboot)=\S+|noipv4|activate)$/,
  rootpw: /^(?:--iscrypted|--lock|\$6\$\S+)$/,
  user: /^--(?:name=[a-z0-9_-]+|groups=wheel|iscrypted|password=\$6\$\S+|lock)$/,
  ignoredisk: /^--only-use=\w\S+$/,
  zerombr: /^$/,
  clearpart: /^--(?:all|initlabel|drives=\w\S+)$/,
  autopart: /^$/,
  firstboot: /^--disable$/,
  reboot: /^$/,
}

/** Reads a kickstart strictly, as pykickstart takes it apart: commands first, then sections that each have an end. */
export function parseKickstart(text: string): {
  readonly commands: readonly (readonly string[])[]
  readonly sections: readonly { readonly head: string; readonly lines: readonly string[] }[]
} {
  const commands: string[][] = []
  const sections: { head: string; lines: string[] }[] = []
  let open: { head: string; lines: string[] } | undefined
  for (const line of text.split('\n')) {
    if (open !== undefined) {
      if (line === '%end') open = undefined
      else open.lines.push(line)
    } else if (/^%(?:packages|post)(?: |$)/.test(line)) {
      open = { head: line, lines: [] }
      sections.push(open)
    } else if (line !== '' && !line.startsWith('#')) {
      const [command = '', ...words] = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'))
      assert.equal(sections.length, 0, `behind a section: ${line}`)
      const rule = COMMANDS[command]
      assert.ok(rule, `no command: ${line}`)
      for (const word of words) assert.match(word, rule, line)
      commands.push([command, ...words])
    }
  }
  assert.equal(open, undefined, 'a section has no end')
  return { commands, sections }
}
