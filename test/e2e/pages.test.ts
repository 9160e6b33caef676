import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Machine } from '../lab/machine.ts'
import { eventually } from '../lab/wait.ts'
import { CEILING } from './ceiling.ts'
import { ESXI, esxiMachine, imageFile, serialOf, setEsxi } from './esxi-rack.ts'
import { expectTold, knownBefore, type PagesRack, pagesRack, plannedLongAgo, watchProgress } from './pages-rack.ts'

/** A disk that the machine does not have. */
const FOREIGN_DISK = 'naa.5000c500a1b2c3d4'

/**
 * Why a machine does not boot what one thinks that it should: each as it comes about on real machines, and what a person reads who has nothing
 * but the pages. The machines run beside each other, and wait most of the time.
 */
describe('a person finds out from the pages alone why a machine does not boot', { concurrency: true }, () => {
  let rack: PagesRack
  before(async () => {
    rack = await pagesRack()
  })
  after(() => rack.rig[Symbol.asyncDispose]())

  test('it gets no answer by DHCP', async () => {
    const mac = await plannedLongAgo(rack.rig, 'alpha')
    await using visitor = await rack.signIn()
    await expectTold(
      visitor,
      mac,
      /alpha has been waiting for it for 2\d min and it has not asked\./i,
      /let it start from the network\..*no answer by DHCP: let the doctor .* look why/,
    )
    await visitor.check()
  })

  test('it is unknown, not assigned, too late, protected, has a damaged image, or an image for others', async () => {
    const { rig } = rack
    const machine = await rig.machine(biosMachine(71))
    const serial = serialOf(71)
    const { id } = await discover(machine, serial)
    const edit = (...edits: readonly string[]) => rig.editHost('-i', serial, ...edits)
    await using visitor = await rack.signIn()
    const told = (wrong: RegExp, todo: RegExp) => expectTold(visitor, serial, wrong, todo)

    await told(/nobody has said yet what this machine is for, so it waits\./i, /Assign an image to it\./)
    await visitor.check()
    await edit('-n', 'rack71')
    await told(/no image is assigned to it, so it waits\./i, /Assign an image to it\./)

    await machine.pause()
    await edit('-s', 'alpha', '--expires', '1s')
    await rig.waitForHost(id, 'is too late', ({ expiresAt = Infinity }) => Date.now() > expiresAt, CEILING)
    await machine.resume()
    await machine.reset()
    await machine.waitFor('waits for an image', CEILING)
    await told(/no boot came in time; alpha is void, so it waits\./i, /Assign its image again, with more time/)

    await edit('--protect')
    await told(/it is protected\./i, /takes no image\. Unprotect it, then assign one to it\./)
    await edit('--unprotect')

    await machine.pause()
    await edit('-s', 'alpha')
    const kernel = join(rig.images, 'alpha', 'pxeboot.kernel')
    await rename(kernel, `${kernel}.away`)
    await machine.resume()
    await machine.waitFor('This machine is held: image alpha', CEILING)
    await told(
      /image alpha (?:is not on the server|cannot be used)/i,
      /Import that image again .* or assign another one/,
    )
    await visitor.check()
    await edit('-s', 'new')
    await rename(`${kernel}.away`, kernel)

    await setEsxi(rig, 71, 'rack71')
    await edit('-s', ESXI)
    await machine.waitFor('Start this machine by UEFI', CEILING)
    await told(/its iPXE cannot start ESXi by BIOS/i, /Set the machine to UEFI .* or assign another image/)
    await machine.powerOff()
  })

  test('it fits two hosts; then it shows how its install goes on, while nobody loads the page again', async () => {
    const { rig } = rack
    const macs = ['52:54:00:77:01:72', '52:54:00:77:02:72'] as const
    const ids = [await knownBefore(rig, macs[0]), await knownBefore(rig, macs[1])] as const
    const machine = await rig.machine({ ...biosMachine(72), macs })
    await machine.powerOn()
    await machine.waitFor(/host \d and host \d/i, CEILING)
    await using visitor = await rack.signIn()
    const fits = new RegExp(
      `a machine with .* was refused: this machine fits host ${ids[0]} and host ${ids[1]}\\.`,
      'i',
    )
    for (const mac of macs) await expectTold(visitor, mac, fits, /If all of that is one machine.*press “forget”/)
    await visitor.check()

    await rig.editHost('-i', String(ids[0]), '--merge', String(ids[1]))
    const { page, url } = visitor
    await page.goto(`${url}/hosts/${ids[0]}`)
    const told = await watchProgress(page)
    await rig.editHost('-i', String(ids[0]), '-s', 'alpha')
    await page.locator('h1 .badge', { hasText: 'finished' }).waitFor()
    // Without rate and time left, which change by themselves.
    const steps = (await told()).map((text) => text.split(' · ').slice(0, 3).join(' · '))
    assert.ok(new Set(steps).size > 1, `only ${steps} was told`)
    await visitor.check()
    await machine.powerOff()
  })

  test('it has stalled, and begins again and again', async () => {
    const { rig } = rack
    const spec = biosMachine(73)
    const [mac = ''] = spec.macs
    const id = await knownBefore(rig, mac)
    await rig.editHost('-i', mac, '--set', 'watchdog.files=1', '--set', 'watchdog.loopBoots=2', '-s', 'alpha')
    const machine = await rig.machine(spec)
    await machine.powerOn()
    await machine.waitFor('metalspray-lab: install attempt 1', CEILING)
    await machine.pause()
    await using visitor = await rack.signIn()
    await expectTold(
      visitor,
      mac,
      /it has been silent for \d+ (?:s|min)\b.*: what it started hangs, or has lost the network; look at its console\./i,
      /Mend what its console shows, then restart the machine/,
    )
    await visitor.check()

    const begun = (times: number) =>
      rig.waitForHost(id, `began ${times} times`, ({ attempts }) => attempts?.at.length === times, CEILING)
    await machine.resume()
    await machine.reset()
    const { attempts } = await begun(2)
    await machine.pause()
    // Two boots within a minute are one.
    const since = attempts?.at.at(-1) ?? Number.NaN
    await eventually('a minute is over', async () => (Date.now() - since > 60_000 ? true : undefined), CEILING)
    await machine.resume()
    await machine.reset()
    await machine.waitFor('held', CEILING)
    await expectTold(
      visitor,
      mac,
      /it began twice in \d min and never finished\./i,
      /Something stops its installer every time: .* Mend that, then press “Retry”/,
    )
    await visitor.page.getByRole('button', { name: 'Retry…' }).waitFor()
    await machine.powerOff()
  })

  test('a module of its image is missing, and its installer refuses its kickstart', async () => {
    const { rig } = rack
    const machine = await esxiMachine(rig, 74)
    await setEsxi(rig, 74, 'rack74')
    const serial = serialOf(74)
    await machine.powerOff()
    await rig.editHost('-i', serial, '--set', 'watchdog.pre=1', '-s', ESXI)
    const late = imageFile(rig, 'imgpayld.tgz')
    await machine.powerOn()
    await machine.waitFor('esxi-stand-in: mboot boot.cfg', CEILING)
    await rename(late, `${late}.away`)
    await machine.waitFor('mboot Fatal error: 15 (Not found)', CEILING)
    // Its loader would give it back, and the server keep it from the next try.
    await machine.pause()
    await using visitor = await rack.signIn()
    await expectTold(
      visitor,
      serial,
      /"imgpayld\.tgz" could not be fetched: there is no file "imgpayld\.tgz"\./,
      /Verify esxi8 on the page Images, import it again, then restart the machine/,
    )
    await visitor.check()
    await rename(`${late}.away`, late)

    // Left to itself, the server takes a disk that is there.
    await writeFile(imageFile(rig, 'ks.cfg.eta'), kickstartFor(FOREIGN_DISK))
    await machine.resume()
    await machine.waitFor(`weasel failed: no disk fits --disk=${FOREIGN_DISK}`, CEILING)
    await expectTold(
      visitor,
      serial,
      /its installer began and has said nothing for \d+ (?:s|min): it refused its kickstart, found no disk that it takes,/i,
      /Mend what its console shows, then restart the machine/,
    )
    await machine.powerOff()
  })

  async function discover(machine: Machine, serial: string) {
    await machine.powerOn()
    await machine.waitFor('waits for an image', CEILING)
    const host = (await rack.rig.hosts()).find((one) => one.serial === serial)
    assert.ok(host)
    return host
  }
})

function biosMachine(number: number) {
  return {
    name: `m${number}`,
    firmware: 'bios' as const,
    macs: [`52:54:00:77:01:${number}`],
    serial: serialOf(number),
  }
}

function kickstartFor(disk: string): string {
  return [
    'accepteula',
    `install --disk=${disk} --overwritevmfs`,
    '<%= it.commands.rootpw %>',
    '<%= it.commands.network %>',
    'reboot',
    '',
  ].join('\n')
}
