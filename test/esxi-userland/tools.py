"""The other programs of ESXi's shell."""

import re

import addressing
import options
import storage
import switching  # registers its commands
import system  # registers its commands
import texts
from machine import Refused, require
from world import settle

SERVICES = {'ssh': 'SSH', 'esx_shell': 'ESXShell'}
RESTARTED = ('hostd', 'vpxa', 'rhttpproxy', 'ntpd')


def call(state, argv):
    """What a program prints. @raises Refused"""
    line = ' '.join(argv)
    for rule in state['fail']:
        if rule['match'] in line and rule.get('skip', 0) > 0:
            rule['skip'] -= 1
        elif rule['match'] in line and rule.get('times', 1) > 0:
            if 'times' in rule:
                rule['times'] -= 1
            if 'answer' in rule:
                return rule['answer']
            raise Refused(rule['text'])
    program, words = argv[0].rsplit('/', 1)[-1], argv[1:]
    if '/init.d/' in argv[0]:
        output = init_script(state, program, words)
    elif program not in PROGRAMS:
        raise Refused('%s: not found' % program)
    else:
        output = PROGRAMS[program](state, words)
    settle(state)
    return output


def init_script(state, name, words):
    service = state['services'].get(name)
    if words == ['status'] and service is not None:
        return '%s is %srunning\n' % (name, '' if service['running'] else 'not ')
    if words == ['restart'] and name in RESTARTED:
        state['restarted'].append(name)
        if service is not None:
            service['running'] = True
        return ''
    raise Refused('%s: unknown service or verb' % name)


def vim_cmd(state, words):
    match = re.match(r'hostsvc/(enable|disable|start|stop)_(ssh|esx_shell)$', words[0])
    if match is not None:
        service = state['services'][SERVICES[match.group(2)]]
        key = 'policy' if match.group(1) in ('enable', 'disable') else 'running'
        service[key] = match.group(1) in ('enable', 'start')
        return ''
    if words[0] == 'hostsvc/datastore/rename' and len(words) == 3:
        return rename(state, words[1], words[2])
    if words[:2] == ['vimsvc/license', '--show']:
        return '[200] License show:\n   serial: %s\n' % state['licence']
    if words[:2] == ['vimsvc/license', '--set'] and len(words) == 3:
        if not re.match(r'[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$', words[2]):
            raise Refused('(vim.fault.NotSupported) serial')
        state['licence'] = words[2]
        return 'serial: %s\n' % words[2]
    raise Refused('Invalid command \'%s\'' % words[0])


def rename(state, old, new):
    names = [extent['volume'] for extent in state['extents']]
    if old not in names or new in names:
        raise Refused('(vim.fault.DuplicateName) or not found')
    for extent in state['extents']:
        if extent['volume'] == old:
            extent['volume'] = new
    return ''


def chkconfig(state, words):
    if words[:1] == ['--list']:
        names = words[1:] or sorted(state['services'])
        rows = [(name, state['services'][name]['policy']) for name in names if name in state['services']]
        return ''.join('%s %s\n' % (name.ljust(22), 'on' if policy else 'off') for name, policy in rows)
    if len(words) == 2 and words[0] in state['services'] and words[1] in ('on', 'off'):
        state['services'][words[0]]['policy'] = words[1] == 'on'
        return ''
    raise Refused('usage: chkconfig ...')


def vmknic(state, words):
    """esxcfg-vmknic: `-l`, and `-d PORTGROUP`, by which esxi-netinit removes the installer's interface."""
    if words == ['-l']:
        rows = [[vmk['name'], vmk['group'], 'IPv4', vmk['ipv4']['address'], vmk['ipv4']['netmask'], vmk['mac'],
                 vmk['mtu'], vmk['ipv4']['type']] for vmk in state['vmks']]
        return texts.table(['Interface', 'Port Group', 'Family', 'Address', 'Netmask', 'MAC', 'MTU', 'Type'], rows)
    if len(words) == 2 and words[0] == '-d':
        vmk = next((vmk for vmk in state['vmks'] if vmk['group'] == words[1]), None)
        if vmk is None:
            raise Refused('No such vmkernel nic')
        state['vmks'].remove(vmk)
        return ''
    raise Refused('esxcfg-vmknic <options>')


def route(state, words):
    if words in ([], ['-l']):
        return options.call(state, ['network', 'ip', 'route', 'ipv4', 'list'])
    if len(words) == 1:
        return options.call(state, ['network', 'ip', 'route', 'ipv4', 'add', '-g', words[0], '-n', 'default'])
    raise Refused('esxcfg-route <options>')


def backup(state, _words):
    state['backups'] += 1
    return 'Saving current state in /bootbank\n'


def shell(state, words):
    """An operator's own command: it is noted, and `false` fails."""
    if words[:1] != ['-c'] or len(words) != 2:
        raise Refused('sh: usage')
    state['ran'].append(words[1])
    if words[1] == 'false':
        raise Refused('')
    return ''


PROGRAMS = {
    'esxcli': options.call,
    'localcli': options.call,
    'vim-cmd': vim_cmd,
    'esxcfg-vmknic': vmknic,
    'esxcfg-route': route,
    'esxcfg-nics': lambda state, words: switching.nic_list(state),
    'esxcfg-vswitch': lambda state, words: switching.switch_list(state, None),
    'partedUtil': storage.parted_util,
    'vmkfstools': storage.vmkfstools,
    'dd': storage.dd,
    'chkconfig': chkconfig,
    'auto-backup.sh': backup,
    'sh': shell,
}
__all__ = ['call', 'addressing', 'system', 'require']
