import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { parseKickstart } from '../../src/kinds/esxi/kickstart/parse.ts'
import { CAN_RUN, esxiShell } from '../kinds/esxi/kickstart/esxi-shell.ts'
import { mediumOf, ROOT } from '../kinds/esxi/media.ts'
import { labServer, MACHINE } from './lab-server.ts'

/** An ESXi host in its installer: its kickstart was fetched from a real server, and its scripts tell that server. */
async function installer(t: TestContext, snippets: Readonly<Record<string, string>> = {}) {
  const server = await labServer(t)
  for (const [file, text] of Object.entries({ ...mediumOf(), ...snippets })) {
    await server.put(`images/esxi8/${file}`, text)
  }
  server.later()
  await server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
  const base = `http://127.0.0.1:${await server.listen()}`
  const get = async (path: string) => {
    const answer = await fetch(`${base}${path}`)
    assert.equal(answer.status, 200, path)
    return answer.text()
  }
  const asked = `/bootstrap?${MACHINE}&platform=efi&arch=x86_64`
  await get(asked)
  await server.assign(1, 'esxi8')
  const [, boot = ''] = /(\/b\/[0-9a-f]{32})/.exec(await get(asked)) ?? []
  await get(`${boot}/tree/efi/boot/bootx64.efi`)
  const { scripts } = parseKickstart(await get(`${boot}/ks.cfg`))
  const shell = esxiShell(t)
  shell.program('auto-backup.sh', '#!/bin/sh\n')
  const texts = async () => (await server.events(1)).map(({ text }) => text).join('\n')
  const section = async (name: string, index = 0) =>
    shell.run(scripts.filter((script) => script.name === name)[index]?.body ?? assert.fail(name))
  return { server, texts, section, state: async () => (await server.host(1)).state }
}

describe('the scripts of a kickstart tell a real server', {
  skip: CAN_RUN ? false : 'needs busybox and python3',
}, () => {
  test('that the install began, that it is finished, that the host is configured', async (t) => {
    const { section, texts, state } = await installer(t)
    assert.equal((await section('%pre')).status, 0)
    assert.match(await texts(), /started: the installer runs its first scripts/)
    assert.equal(await state(), 'installing')
    const { status, output } = await section('%post')
    assert.deepEqual([status, output], [0, ''])
    assert.equal(await state(), 'finished')
    assert.deepEqual(await section('%firstboot'), { status: 0, output: '' })
    assert.match(await texts(), /configured: the installed system has run its first scripts/)
    // A repeated callback is none.
    await section('%post')
    assert.equal((await texts()).match(/esxi8 is applied/g)?.length, 1)
  })

  test('what is known of the host, when a snippet asks', async (t) => {
    const read = 'wget -q -O host.json "$METALSPRAY_BOOT/host.json" && sed -n "s/^  .id.: //p" host.json\n'
    const python =
      'import os\nfrom urllib import request\nprint(request.urlopen(os.environ["METALSPRAY_BOOT"] + "/meta_data.json").status)\n'
    const { section } = await installer(t, { 'post/10-id.sh': read, 'post/20-meta.py': python })
    assert.deepEqual(await section('%post'), { status: 0, output: '1,\n200\n' })
  })

  test('which snippet failed, with its last words, and nothing is called finished', async (t) => {
    const { section, texts, state } = await installer(t, {
      'pre/10-fine.sh': 'echo fine\n',
      'post/20-python.py': 'import sys\nsys.exit("no route; $(reboot) & more")\n',
    })
    assert.deepEqual(await section('%pre'), { status: 0, output: 'fine\n' })
    assert.equal((await section('%post', 0)).status, 1)
    assert.equal(await state(), 'failed')
    assert.match(await texts(), /post\/20-python\.py ended with status 1: no route reboot more/)
    assert.equal((await section('%post', 1)).status, 0)
    assert.equal(await state(), 'failed')
  })

  test('what failed in the first boot, of a host that stays finished', async (t) => {
    const { section, texts, state } = await installer(t, { 'firstboot/10-ntp.sh': 'echo no such host >&2\nexit 4\n' })
    await section('%pre')
    await section('%post')
    assert.equal((await section('%firstboot')).status, 0)
    assert.equal(await state(), 'finished')
    assert.match(await texts(), /firstboot\/10-ntp\.sh ended with status 4: no such host/)
    assert.doesNotMatch(await texts(), /configured:/)
  })
})
