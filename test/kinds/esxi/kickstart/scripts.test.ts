import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BOOTID } from '../../../render/fixture.ts'
import { CAN_RUN } from './esxi-shell.ts'
import { rig } from './rig.ts'

const BOOT = `GET /b/${BOOTID}`
/** A port of this machine at which nobody listens. */
const NOBODY = 'http://127.0.0.1:9'

describe('the scripts of a kickstart, under busybox', { skip: CAN_RUN ? false : 'needs busybox and python3' }, () => {
  test('the server hears that the install began, ended, and that the host is configured', async (t) => {
    const { section, server, program, read, folder } = await rig(t)
    program('esxcli', '#!/bin/sh\n')
    program('auto-backup.sh', `#!/bin/sh\necho saved >${folder}/backup\n`)
    for (const name of ['%pre', '%post', '%firstboot']) assert.equal((await section(name)).status, 0)
    assert.deepEqual(server.asked, [`${BOOT}/stage/started`, `${BOOT}/finish`, `${BOOT}/stage/configured`])
    assert.equal(read('backup'), 'saved\n')
  })

  test('a server that is away keeps no install from going on', async (t) => {
    const { section } = await rig(t, { base: NOBODY })
    for (const name of ['%pre', '%post', '%firstboot']) {
      const { status, output } = await section(name)
      assert.equal(status, 0)
      assert.match(output, /the server does not answer/)
    }
  })

  test('a server that fails is asked again, by wget and by Python', async (t) => {
    const { section, server } = await rig(t, { answers: [503, 500, 503] })
    assert.equal((await section('%post')).status, 0)
    assert.deepEqual(server.asked, Array(4).fill(`${BOOT}/finish`))
  })

  test('a server that refuses is not asked for long', async (t) => {
    const { section, server } = await rig(t, { answers: [401, 401] })
    assert.equal((await section('%post')).status, 0)
    assert.equal(server.asked.length, 2)
  })

  test('without a wget that works Python tells it', async (t) => {
    const { section, server, program } = await rig(t)
    program('wget', '#!/bin/sh\nexit 1\n')
    assert.equal((await section('%pre')).status, 0)
    assert.deepEqual(server.asked, [`${BOOT}/stage/started`])
  })

  test('the firewall is open while the server is told, and closed again if it was', async (t) => {
    for (const was of ['true', 'false']) {
      const { section, program, read, folder } = await rig(t)
      program('localcli', `#!/bin/sh\n[ "$3" = get ] && echo '   Enabled: ${was}' || echo "$@" >>${folder}/firewall\n`)
      assert.equal((await section('%pre')).status, 0)
      const set = 'network firewall set --enabled'
      assert.equal(read('firewall'), was === 'true' ? `${set} false\n${set} true\n` : undefined)
    }
  })

  test('snippets run in the order of their numbers, each by its interpreter, whatever stands in them', async (t) => {
    const { section, server } = await rig(t, {
      snippets: {
        'pre/100-last.sh': 'echo last\r\n',
        'pre/20-python.py': 'import sys\nprint("""\n%post\ninclude x\nEND\n""" + sys.argv[0][-6:])\n',
        'pre/3-shell.sh': "cat <<'END'\n%end\n|x 'y' \"$z\" \\n\nEND\necho $((1 + 1))",
      },
    })
    const { status, output } = await section('%pre')
    assert.equal(status, 0)
    assert.equal(output, '%end\n|x \'y\' "$z" \\n\n2\n\n%post\ninclude x\nEND\nhon.py\nlast\n')
    assert.deepEqual(server.asked, [`${BOOT}/stage/started`])
  })

  test('a snippet that fails stops the installer, once the server knows why', async (t) => {
    for (const phase of ['pre', 'post']) {
      const { section, server, read } = await rig(t, {
        snippets: {
          [`${phase}/1-a.sh`]: 'echo "no disk; $(echo really) & gone?" >&2; exit 3',
          [`${phase}/2-b.sh`]: 'echo second',
        },
      })
      const { status, output } = await section(`%${phase}`)
      assert.equal(status, 1)
      assert.doesNotMatch(output, /second/)
      const failed = `${BOOT}/fail?reason=${phase}/1-a.sh+ended+with+status+3:+no+disk++really+++gone+`
      assert.equal(server.asked.at(-1), failed)
      assert.notEqual(read('failed'), undefined)
    }
  })

  test('after a failed snippet the install is not called finished', async (t) => {
    const { section, server } = await rig(t, { snippets: { 'post/1-a.py': 'this is no Python' } })
    assert.equal((await section('%post')).status, 1)
    assert.equal((await section('%post', 1)).status, 0)
    assert.equal(server.asked.length, 1)
    assert.match(server.asked[0] ?? '', /\/fail\?reason=post\/1-a\.py\+ended\+with\+status\+1:\+SyntaxError/)
  })

  test('a snippet of the first boot that fails is reported, and the others still run', async (t) => {
    const { section, server, program } = await rig(t, {
      snippets: { 'firstboot/1-a.sh': 'exit 7', 'firstboot/2-b.sh': 'echo second' },
    })
    program('auto-backup.sh', '#!/bin/sh\n')
    const { status, output } = await section('%firstboot')
    assert.equal(status, 0)
    assert.match(output, /second/)
    assert.deepEqual(server.asked, [`${BOOT}/report?stage=firstboot&text=firstboot/1-a.sh+ended+with+status+7:+`])
  })

  test('a host that gets its address by DHCP gets its name in the first boot, when the host daemon is there', async (t) => {
    const { section, program, read, folder } = await rig(t, { hostname: 'esx1.lab' })
    program('auto-backup.sh', '#!/bin/sh\n')
    program(
      'esxcli',
      `#!/bin/sh\n[ "$1" = system ] || exit 0\necho "$@" >>${folder}/named\n[ $(sed -n '$=' ${folder}/named) -gt 2 ]\n`,
    )
    assert.equal((await section('%firstboot')).status, 0)
    assert.equal(read('named'), 'system hostname set --fqdn=esx1.lab\n'.repeat(3))
  })
})
