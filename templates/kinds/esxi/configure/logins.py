"""Who may log in: root, users, their keys, and whether SSH and the shell run."""

import base64
import os

from actions import ChangeFile, Command, WriteFile, esxcli
from ask import ask
from names import starts_itself
from output import table

SHADOW = '/etc/shadow'
# Nobody can log in with a password.
LOCKED = '*'
# The sticky bit is what makes ESXi keep a new file below /etc.
KEPT = 0o1000

SERVICES = (('ssh', 'SSH', 'ssh'), ('shell', 'ESXShell', 'esx_shell'))


def plan_logins(host, config):
    root = config.get('root', {})
    actions = set_hash(host, 'root', root.get('passwordHash')) + set_keys(host, 'root', root.get('sshKeys', []))
    for user in config.get('users', []):
        actions += plan_user(host, user)
    return actions


def plan_user(host, user):
    name = user['name']
    accounts = dict((row['User ID'], row) for row in table(ask(host, 'system account list')))
    permissions = dict((row['Principal'], row['Role']) for row in table(ask(host, 'system permission list')))
    description = user.get('description') or ''
    had = accounts.get(name)
    actions = []
    if had is None:
        # esxcli takes clear passwords alone. This one is unknown to everybody and gone with the next action.
        password = base64.b64encode(os.urandom(18)).decode('ascii') + 'aA1!'
        actions.append(esxcli(
            'system account add', ('--id', name), ('--description', description or name), ('--password', password),
            ('--password-confirmation', password), secrets=[password]))
        actions.append(hash_change(name, user.get('passwordHash') or LOCKED))
    else:
        if description and had.get('Description') != description:
            actions.append(esxcli('system account set', ('--id', name), ('--description', description)))
        actions += set_hash(host, name, user.get('passwordHash'))
    role = permissions.get(name)
    if user.get('admin') and role != 'Admin':
        actions.append(esxcli('system permission set', ('--id', name), ('--role', 'Admin')))
    if not user.get('admin') and role == 'Admin':
        actions.append(esxcli('system permission unset', ('--id', name)))
    return actions + set_keys(host, name, user.get('sshKeys', []))


def set_hash(host, name, wanted):
    if not wanted:
        return []
    had = [line.split(':')[1] for line in (host.read(SHADOW) or '').splitlines() if line.startswith(name + ':')]
    return [] if had == [wanted] else [hash_change(name, wanted)]


def hash_change(name, wanted):
    def change(text):
        lines = []
        found = False
        for line in text.splitlines():
            parts = line.split(':')
            if parts[0] == name:
                parts[1] = wanted
                found = True
            lines.append(':'.join(parts))
        if not found:
            lines.append('%s:%s:13358:0:99999:7:::' % (name, wanted))
        return '\n'.join(lines) + '\n'
    return ChangeFile(SHADOW, 'the password of ' + name, change)


def set_keys(host, name, keys):
    if not keys:
        return []
    path = '/etc/ssh/keys-%s/authorized_keys' % name
    text = host.read(path) or ''
    lines = text.splitlines()
    missing = [key for key in keys if key not in lines]
    return [WriteFile(path, '\n'.join(lines + missing) + '\n', KEPT | 0o600)] if missing else []


def plan_services(host, config):
    actions = []
    for key, service, call in SERVICES:
        wanted = config.get(key, {}).get('enabled')
        if wanted is None:
            continue
        _, status = host.run(['/etc/init.d/' + service, 'status'])
        runs = 'is running' in status
        if starts_itself(host, service) != wanted:
            actions.append(Command(['vim-cmd', 'hostsvc/%s_%s' % ('enable' if wanted else 'disable', call)]))
        if runs != wanted:
            actions.append(Command(['vim-cmd', 'hostsvc/%s_%s' % ('start' if wanted else 'stop', call)]))
    return actions
