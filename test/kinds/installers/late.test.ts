import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { JsonObject } from '../../../src/core/json.ts'
import { fileFor } from './fixture.ts'

/** A system that is just installed, around which the programs that would change this one only say what they are told. */
function target(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [bin, root, log] = [join(folder, 'bin'), join(folder, 'target'), join(folder, 'log')]
  for (const path of [bin, join(root, 'root')]) mkdirSync(path, { recursive: true })
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const says = `{ printf '%s' "\${0##*/}"; printf ' [%s]' "$@"; echo; } >>${log}`
  for (const name of ['curl', 'useradd', 'usermod', 'chown', 'restorecon']) program(name, says)
  program('id', '[ "$2" = known ]')
  program('getent', `echo "$2:x:0:0::${root}/home/$2:/bin/sh"`)
  program('chroot', `root=$1; shift 2; exec /bin/sh "$root$1"`)
  const run = (config: JsonObject, ...rest: readonly string[]) => {
    execFileSync('/bin/sh', ['-s', root, ...rest], {
      input: fileFor('late.sh', config),
      env: { PATH: `${bin}:${process.env['PATH']}` },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return readFileSync(log, 'utf8').split('\n').slice(0, -1)
  }
  return { folder, root, run }
}

const BOOT = 'http://10.77.0.1:5000/b/0123456789abcdef0123456789abcdef'
const told = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith('curl')).map((line) => /\[(http.*)\]$/.exec(line)?.[1])

test('the end of an installation does what is described, to the letter, and tells the server', (t) => {
  const { folder, root, run } = target(t)
  const content = `it's "$(touch ${folder}/hurt)" \`x\` \\\n%end\n]]>\n\n`
  const lines = run(
    {
      users: [{ name: 'ada', description: "Ada: it's $HOME", sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA a'b"] }],
      files: [{ path: `${folder}/new/dir/file`, content, mode: '0640' }],
      commands: {
        before: [`echo "it's first" >${folder}/order`],
        after: [`cat <<'END' >>${folder}/order\n%end $x\nEND\n`, `cat >>${folder}/order; exit 3`],
      },
    },
    'left%20over',
  )
  assert.equal(readFileSync(`${folder}/new/dir/file`, 'utf8'), content)
  assert.equal(statSync(`${folder}/new/dir/file`).mode & 0o777, 0o640)
  assert.equal(statSync(`${folder}/new/dir`).mode & 0o777, 0o755)
  assert.equal(readFileSync(`${folder}/order`, 'utf8'), "it's first\n%end $x\n")
  assert.equal(existsSync(`${folder}/hurt`), false)
  assert.equal(
    readFileSync(`${root}/home/ada/.ssh/authorized_keys`, 'utf8'),
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA a'b\n",
  )
  assert.equal(statSync(`${root}/home/ada/.ssh/authorized_keys`).mode & 0o777, 0o600)
  assert.ok(lines.includes("useradd [-m] [-c] [Ada  it's $HOME] [ada]"), lines.join('\n'))
  assert.deepEqual(told(lines), [
    `${BOOT}/report?stage=installer&text=left%20over`,
    `${BOOT}/report?stage=setup&text=failed:+command-after-2`,
    `${BOOT}/finish`,
  ])
  assert.equal(existsSync(`${root}/root/metalspray-setup.sh`), false)
})

test('a host of which nothing is said is finished, and nothing else', (t) => {
  const { run } = target(t)
  assert.deepEqual(told(run({}, '')), [`${BOOT}/finish`])
})

test('a new system that is not where it should be is told', (t) => {
  const { root, run } = target(t)
  rmSync(root, { recursive: true })
  assert.deepEqual(told(run({})), [`${BOOT}/report?stage=setup&text=failed:+setup`, `${BOOT}/finish`])
})

test('a user whom the installer has made gets what is said of him', (t) => {
  const { run } = target(t)
  const lines = run({ users: [{ name: 'known', description: 'Some Body' }] })
  assert.deepEqual(lines.slice(0, 1), ['usermod [-c] [Some Body] [known]'])
  assert.deepEqual(told(lines), [`${BOOT}/finish`])
})
