// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE's settings look like that.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { LOCAL_BOOTS } from '../../src/core/host.ts'
import type { BootScriptRequest, KernelLoad } from '../../src/render/boot-data.ts'
import { BOOTID, hostWith, imageNamed, installOf, requestFor, templatesOf } from './fixture.ts'
import { commandsOf } from './ipxe-model.ts'

const load: KernelLoad = {
  kernel: 'http://10.77.0.1:5000/b/x/tree/pxeboot.kernel',
  initrds: ['http://10.77.0.1:5000/b/x/tree/a.xz', 'http://10.77.0.1:5000/b/x/tree/b.xz'],
  options: ['quiet', 'BOOTIF=01-${mac:hexhyp}', 'razorurl=http://10.77.0.1:5000/post-install?id=7&bootid=1'],
}

test("KIWIspray's places are looked at in KIWIspray's order, Eta before its own kind in each", (t) => {
  const places = [
    'images/x/host.eta',
    'images/x/host.tmpl',
    'operator/x.eta',
    'operator/x.tmpl',
    'operator/kinds/odd.eta',
    'operator/known_host.tmpl',
  ]
  const files = new Map(places.map((place) => [place, `#!ipxe\necho ${place}\n`]))
  const request = installOf('x', { decision: { kind: 'install', image: imageNamed('x', 'odd') } })
  for (const place of places) {
    const { templates } = templatesOf(t, Object.fromEntries(files))
    assert.equal(templates.bootScript(request), `#!ipxe\necho ${place}\n`)
    assert.equal(templates.bootTemplate(request), place.replace('operator/', 'templates/'))
    files.delete(place)
  }
})

test('a kind that loads a kernel needs no template of its own, and known_host.tmpl is not asked', (t) => {
  const { templates } = templatesOf(t, { 'operator/known_host.tmpl': '#!ipxe\n' })
  const request = installOf('x', { decision: { kind: 'install', image: imageNamed('x', 'odd') }, load })
  assert.equal(templates.bootTemplate(request), 'built-in/boot/kernel.eta')
})

test('a template that is put in an earlier place counts a second later, and not before', (t) => {
  const { templates, write, clock } = templatesOf(t, { 'operator/x.tmpl': '#!ipxe\n' })
  const request = installOf('x', { decision: { kind: 'install', image: imageNamed('x', 'odd') } })
  const nameAt = (now: number) => {
    clock.now = now
    return templates.bootTemplate(request)
  }
  assert.equal(nameAt(0), 'templates/x.tmpl')
  write('images/x/host.eta', '#!ipxe\n')
  assert.equal(nameAt(999), 'templates/x.tmpl')
  assert.equal(nameAt(1000), 'images/x/host.eta')
})

test('an image without any script is a template error that says where it was looked for', (t) => {
  const request = installOf('x', { decision: { kind: 'install', image: imageNamed('x', 'odd') } })
  assert.throws(
    () => templatesOf(t).templates.bootScript(request),
    /^ProvisionError: x: there is no script; looked for images\/x\/host\.eta, images\/x\/host\.tmpl, templates\/x\.eta/,
  )
})

test('states have templates as images have', (t) => {
  const { templates } = templatesOf(t, {
    'operator/new.tmpl': '#!ipxe\necho new @id@\n',
    'images/finished/host.tmpl': '#!ipxe\necho finished @id@\n',
    'operator/failed.eta': '#!ipxe\necho failed <%= it.host.id %> <%= ipxeText(it.reason) %>\n',
  })
  assert.match(templates.bootScript(requestFor()), /new 7/)
  assert.match(templates.bootScript(requestFor({ decision: { kind: 'local', by: 'auto' } })), /finished 7/)
  const failed = requestFor({ host: hostWith({ state: 'failed' }), decision: { kind: 'hold', reason: 'no disk' } })
  assert.match(templates.bootScript(failed), /failed 7 no disk/)
})

test('a host that is held never gets the script of its image', (t) => {
  const { templates } = templatesOf(t, {
    'operator/failed.tmpl': '#!ipxe\nfailed\n',
    'images/x/host.tmpl': '#!ipxe\nx\n',
  })
  const host = hostWith({ state: 'assigned', plan: { images: ['x'], end: 'finished' }, protected: true })
  const request = requestFor({ host, decision: { kind: 'hold', reason: 'this host is protected' } })
  assert.equal(templates.bootTemplate(request), 'built-in/boot/hold.eta')
  assert.match(templates.bootScript(request), /held: this host is protected/)
})

test('a template of the operator alone makes a name bootable', (t) => {
  const { templates } = templatesOf(t, { 'operator/memtest.tmpl': '#!ipxe\n', 'operator/rescue.eta': '#!ipxe\n' })
  assert.deepEqual(
    ['memtest', 'rescue', 'other'].map((name) => templates.hasTemplate(name)),
    [true, true, false],
  )
})

test('without templates of the operator all works', (t) => {
  assert.match(templatesOf(t).templates.bootScript(requestFor()), /edit-host -i 7 -s IMAGE/)
})

test('post-install scripts are looked for with the image, then with the operator, then in the package', (t) => {
  const places = [
    'images/x/post_install.eta',
    'images/x/post_install.tmpl',
    'operator/post_install.eta',
    'operator/post_install.tmpl',
  ]
  const files = new Map(places.map((place) => [place, `echo ${place}\n`]))
  for (const place of places) {
    const { templates } = templatesOf(t, Object.fromEntries(files))
    assert.equal(templates.postInstall({ ...requestFor(), image: 'x' }), `echo ${place}\n`)
    files.delete(place)
  }
  assert.match(templatesOf(t).templates.postInstall({ ...requestFor(), image: 'x' }), /^#!\/bin\/sh\n/)
})

test('a value that a shell would read is refused in a post-install script, with the helper that writes it', (t) => {
  const host = hostWith({ metadata: { note: 'a; reboot' } })
  const bad = templatesOf(t, { 'images/x/post_install.eta': '#!/bin/sh\necho <%= it.host.metadata.note %>\n' })
  assert.throws(
    () => bad.templates.postInstall({ ...requestFor({ host }), image: 'x' }),
    /images\/x\/post_install\.eta:2: it\.host\.metadata\.note: "a; reboot" needs quoting for the shell; write sh\(\.\.\.\)/,
  )
  const good = templatesOf(t, { 'images/x/post_install.eta': '#!/bin/sh\necho <%= sh(it.host.metadata.note) %>\n' })
  assert.equal(good.templates.postInstall({ ...requestFor({ host }), image: 'x' }), "#!/bin/sh\necho 'a; reboot'\n")
})

test("the package's post-install script calls back, and again when it must", (t) => {
  const script = templatesOf(t).templates.postInstall({ ...requestFor(), image: 'x' })
  // curl fails twice; sleep returns at once and says how long it would have slept.
  const tools = `curl() { echo "curl $*" >&2; n=$((n + 1)); [ "$n" -ge 3 ]; }\nsleep() { echo "sleep $1" >&2; }\nn=0\n`
  const { status, stderr, stdout } = spawnSync('sh', { input: tools + script, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /telling the server that x is on the disk of host 7\n.*metalspray: done/s)
  const calls = stderr.split('\n').filter((line) => /^(?:curl|sleep) /.test(line))
  const call = `curl --fail --silent --show-error --max-time 60 http://10.77.0.1:5000/b/${BOOTID}/finish`
  assert.deepEqual(calls, [call, 'sleep 1', call, 'sleep 2', call])
})

test('the kernel is loaded with its initrds by their names, and started', (t) => {
  const { templates } = templatesOf(t)
  const lines = templates.bootScript(installOf('x', { load })).split('\n')
  const kernel = lines.find((line) => line.startsWith('kernel '))
  assert.equal(
    kernel,
    `kernel --name kernel ${load.kernel} initrd=initrd0 initrd=initrd1 ${load.options.join(' ')} || goto kernel_failed`,
  )
  assert.ok(lines.includes(`initrd --name initrd1 ${load.initrds[1]} || goto kernel_failed`))
})

test('a kernel without initrds is loaded without any', (t) => {
  const script = templatesOf(t).templates.bootScript(installOf('x', { load: { ...load, initrds: [], options: [] } }))
  assert.doesNotMatch(script, /initrd0|^initrd /m)
})

/** Every script that the package can make, for a host whose every text is hostile. */
function scriptsFor(text: string, t: Parameters<typeof templatesOf>[0]): readonly string[] {
  const { templates } = templatesOf(t)
  const firmware = { platform: 'efi', arch: 'x86_64', manufacturer: text, product: text, ipxe: text }
  const host = hostWith({ serial: text, firmware, reason: text })
  const requests: BootScriptRequest[] = [
    requestFor({ host }),
    requestFor({ host, decision: { kind: 'hold', reason: text } }),
    installOf('x', { host, load }),
    ...LOCAL_BOOTS.map((by) => requestFor({ host, decision: { kind: 'local', by } })),
  ]
  const base = 'http://10.77.0.1:5000'
  return [
    ...requests.map((request) => templates.bootScript(request)),
    templates.bootstrap({ base }),
    templates.conflict({ base, hosts: [host, host], why: text }),
    templates.refused({ base, reason: text }),
    templates.templateError({ base, reason: text }),
  ]
}

test('a machine that shares its serial with a host is told how to settle that', (t) => {
  const script = templatesOf(t).templates.conflict({
    base: 'http://x',
    hosts: [hostWith({ id: 4 })],
    why: 'its serial',
  })
  assert.match(script, /^echo edit-host -i 4 --forget-mac MAC \(or --forget-serial, --forget-uuid\)$/m)
})

test('no script has a label twice, or goes to one that is not there', (t) => {
  for (const script of scriptsFor('QEMU', t)) {
    const labels = [...script.matchAll(/^:(\S+)/gm)].map((match) => match[1])
    assert.equal(new Set(labels).size, labels.length)
    for (const [, label] of script.matchAll(/\bgoto (\S+)/g)) assert.ok(labels.includes(label), label)
    assert.match(script, /^#!ipxe\n/)
    assert.doesNotMatch(script, /undefined|\[object/)
  }
})

test('nothing that firmware or operators say changes the commands of a script', (t) => {
  const verbs = (script: string) => commandsOf(script, { expandFirst: true }).map((command) => command[0])
  const harmless = scriptsFor('x', t).map(verbs)
  const parts = fc.constantFrom('${', 'net0/mac}', '||', '&&', ';', '#', 'reboot', ' ', '\n', '\\', '$', '-', 'é')
  const hostile = fc.array(parts, { minLength: 1, maxLength: 6 }).map((all) => all.join(''))
  fc.assert(
    fc.property(hostile, (text) => assert.deepEqual(scriptsFor(text, t).map(verbs), harmless)),
    { numRuns: 60 },
  )
})

test('the texts for the console fit a line of 80 characters', (t) => {
  for (const script of scriptsFor('QEMU', t)) {
    for (const [, text = ''] of script.matchAll(/^(?:echo|prompt --key s --timeout \S+) (.*?)(?: && shell \|\|)?$/gm)) {
      assert.ok(text.length <= 80, text)
    }
  }
})
