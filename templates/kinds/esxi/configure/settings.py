"""Settings of the kernel and of ESXi, its licence, its certificate, files, and commands of the operator's own."""

import hashlib

from actions import Command, WriteFile, esxcli
from ask import ask
from logins import KEPT
from output import fields, number, table

CERTIFICATE = '/etc/vmware/ssl/rui.crt'
KEY = '/etc/vmware/ssl/rui.key'
# Which commands have run: a second run does not run them again.
DONE = '/etc/vmware/metalspray-commands'


def plan_advanced(host, config):
    wanted = config.get('advancedSettings', {})
    actions = []
    for name in sorted(wanted):
        value = wanted[name]
        present = fields(ask(host, 'system settings advanced list', ('--option', name)))
        if present.get('Type') == 'integer':
            if number(present.get('Int Value'), None) != int(value):
                actions.append(esxcli(
                    'system settings advanced set', ('--option', name), ('--int-value', int(value))))
        elif present.get('String Value') != str(value):
            actions.append(esxcli('system settings advanced set', ('--option', name), ('--string-value', value)))
    return actions


def plan_kernel(host, config):
    """They count from the next start on."""
    wanted = config.get('kernelSettings', {})
    actions = []
    for name in sorted(wanted):
        value = wanted[name]
        text = str(value).upper() if isinstance(value, bool) else str(value)
        rows = table(ask(host, 'system settings kernel list', ('--option', name)))
        had = next((row['Configured'] for row in rows if row['Name'] == name), None)
        if had is None or had.upper() != text.upper():
            action = esxcli('system settings kernel set', ('--setting', name), ('--value', text))
            action.reboot = True
            actions.append(action)
    return actions


def plan_licence(host, config):
    key = (config.get('licence') or '').upper()
    if not key:
        return []
    status, shown = host.run(['vim-cmd', 'vimsvc/license', '--show'])
    if status == 0 and key in shown:
        return []
    return [Command(['vim-cmd', 'vimsvc/license', '--set', key], [key])]


def plan_certificate(host, config):
    """The daemons that show it are started anew: last of all, since nothing works while they do."""
    pair = config.get('certificate')
    if not pair:
        return []
    actions = []
    for path, key, mode in ((CERTIFICATE, 'certificate', 0o644), (KEY, 'key', 0o400)):
        content = pair[key].rstrip('\n') + '\n'
        if host.read(path) != content:
            actions.append(WriteFile(path, content, KEPT | mode))
    if actions:
        actions += [Command(['/etc/init.d/%s' % name, 'restart']) for name in ('rhttpproxy', 'hostd', 'vpxa')]
    return actions


def plan_files(host, config):
    actions = []
    for file in config.get('files', []):
        path = file['path']
        mode = int(file.get('mode') or '0644', 8)
        if host.read(path) == file['content'] and host.mode(path) & 0o777 == mode & 0o777:
            continue
        actions.append(WriteFile(path, file['content'], mode | (KEPT if path.startswith('/etc/') else 0)))
    return actions


def plan_commands(when):
    def plan(host, config):
        commands = config.get('commands', {}).get(when, [])
        if not commands:
            return []
        mark = '%s %s' % (when, hashlib.sha256('\0'.join(commands).encode('utf-8')).hexdigest())
        lines = (host.read(DONE) or '').splitlines()
        if mark in lines:
            return []
        actions = [Command(['sh', '-c', command]) for command in commands]
        kept = [line for line in lines if not line.startswith(when + ' ')]
        return actions + [WriteFile(DONE, '\n'.join(kept + [mark]) + '\n', KEPT | 0o600)]
    return plan
