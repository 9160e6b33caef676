import type { DiskMatch } from '../disk-choice.ts'
import type { EsxiSettings } from '../settings.ts'
import { DISK_FILE, installOptions } from './commands.ts'

/** The name of the script's file, and what reports call it. */
export const DISK_SCRIPT = 'disk.py'

/**
 * The script that looks for the disk on the host and writes the command with it where the kickstart includes it. It takes
 * disks that are online and not removable. Of several that fit it takes the smallest or the largest if it was told so, and none
 * when two are equal: it refuses rather than guesses. Its last line of output says why.
 *
 * Sizes are MiB in ESXi's list, GB of 10^9 bytes on labels and here. They are rounded: a disk that is sold as one of 240 GB has a few
 * hundred MB more, or less behind a RAID controller.
 */
export function diskScript(settings: EsxiSettings, match: Partial<DiskMatch>): string {
  const options = installOptions(settings).map((option) => ` ${option}`)
  // ESXi's list says true and false in words. A JSON text in quotes is a Python text as well.
  const words = Object.entries(match).map(([key, value]) => [key, typeof value === 'boolean' ? String(value) : value])
  const wanted = JSON.stringify(JSON.stringify({ pick: 'only', ...Object.fromEntries(words) }))
  return String.raw`# Looks for the disk that the settings describe.
import json, os, re, subprocess, sys

wanted = json.loads(${wanted})

def devices():
    os.environ['PATH'] = os.environ.get('PATH', '') + ':/bin:/sbin:/usr/bin:/usr/sbin'
    listed = subprocess.Popen(['localcli', 'storage', 'core', 'device', 'list'], stdout=subprocess.PIPE)
    text = listed.communicate()[0].decode('ascii', 'replace')
    if listed.returncode != 0:
        sys.exit('localcli cannot list the disks')
    found = []
    for line in text.splitlines():
        if line and not line[0].isspace():
            found.append({'name': line.strip().rstrip(':')})
        elif ':' in line and found:
            key, value = line.split(':', 1)
            found[-1].setdefault(key.strip(), ' '.join(value.split()))
    return found

def gb(disk):
    return int(round(int(disk.get('Size') or 0) * 1048576 / 1e9))

def shown(disk):
    return '%s (%s %s, %d GB)' % (disk['name'], disk.get('Vendor', ''), disk.get('Model', ''), gb(disk))

def is_disk(disk):
    return (disk.get('Device Type') == 'Direct-Access' and disk.get('Is Removable') != 'true'
            and disk.get('Is Pseudo') != 'true' and disk.get('Is Offline') != 'true'
            and re.match('[!-~]+$', disk['name']) and int(disk.get('Size') or 0) > 0)

def fits(disk):
    for key, field in (('model', 'Model'), ('vendor', 'Vendor')):
        if key in wanted and ' '.join(wanted[key].lower().split()) not in disk.get(field, '').lower():
            return False
    for key, field in (('ssd', 'Is SSD'), ('local', 'Is Local')):
        if key in wanted and disk.get(field) != wanted[key]:
            return False
    return wanted.get('minGb', 0) <= gb(disk) <= wanted.get('maxGb', 1e12)

disks = [disk for disk in devices() if is_disk(disk)]
for disk in disks:
    print(shown(disk))
fitting = [disk for disk in disks if fits(disk)]
if not fitting:
    sys.exit('none of %d disks is as esxi.disk wants it' % len(disks))
if wanted['pick'] != 'only':
    best = (min if wanted['pick'] == 'smallest' else max)(int(disk['Size']) for disk in fitting)
    fitting = [disk for disk in fitting if int(disk['Size']) == best]
if len(fitting) > 1:
    names = ', '.join(disk['name'] for disk in fitting[:4])
    sys.exit('%d disks are equally good by esxi.disk: %s' % (len(fitting), names))
option = '--disk=' + fitting[0]['name']
if not re.match('[A-Za-z0-9_.,:/@+=-]+$', option):
    option = "'" + option.replace("'", "'\\''") + "'"
with open('${DISK_FILE}', 'w') as command:
    command.write('${settings.install} ' + option + '${options.join('')}\n')
print('installs on ' + shown(fitting[0]))
`
}
