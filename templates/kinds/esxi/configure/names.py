"""The host's name, its clock's servers, and where its logs go."""

import re

from actions import Command, WriteFile, esxcli
from ask import ask, release
from output import fields, table, truth, words


def plan_hostname(host, config):
    name, domain = config.get('hostname'), config.get('domain')
    if not name:
        return []
    present = fields(ask(host, 'system hostname get'))
    if '.' in name or domain:
        fqdn = name if '.' in name else '%s.%s' % (name, domain)
        had = present.get('Fully Qualified Domain Name')
        return [] if had == fqdn else [esxcli('system hostname set', ('--fqdn', fqdn))]
    return [] if present.get('Host Name') == name else [esxcli('system hostname set', ('--host', name))]


def plan_ntp(host, config):
    servers = config.get('ntp', {}).get('servers', [])
    if not servers:
        return []
    if release(host) >= (7,):
        actions = with_esxcli(host, servers)
    else:
        actions = with_file(host, servers)
    return open_firewall(host, 'ntpClient') + actions


def with_esxcli(host, servers):
    present = fields(ask(host, 'system ntp get'))
    if truth(present.get('Enabled')) and words(present.get('Servers')) == servers:
        return []
    return [esxcli('system ntp set', *([('--server', server) for server in servers] + [('--enabled', 'true')]))]


def with_file(host, servers):
    """Before 7.0 esxcli knows nothing of it."""
    text = host.read('/etc/ntp.conf') or ''
    lines = [line for line in text.splitlines() if not re.match(r'(server|pool)\s', line)]
    new = '\n'.join(lines + ['server %s' % server for server in servers]) + '\n'
    actions = []
    if new != text:
        actions.append(WriteFile('/etc/ntp.conf', new))
    if not starts_itself(host, 'ntpd'):
        actions.append(Command(['chkconfig', 'ntpd', 'on']))
    return actions + [Command(['/etc/init.d/ntpd', 'restart'])] if actions else []


def starts_itself(host, service):
    _, listed = host.run(['chkconfig', '--list', service])
    return any(line.split() == [service, 'on'] for line in listed.splitlines())


def plan_syslog(host, config):
    servers = config.get('syslog', {}).get('servers', [])
    if not servers:
        return []
    actions = open_firewall(host, 'syslog')
    if words(fields(ask(host, 'system syslog config get')).get('Remote Host')) != servers:
        actions.append(esxcli('system syslog config set', ('--loghost', ','.join(servers))))
        actions.append(esxcli('system syslog reload'))
    return actions


def open_firewall(host, ruleset):
    rows = table(ask(host, 'network firewall ruleset list', ('--ruleset-id', ruleset)))
    if any(row['Name'] == ruleset and truth(row['Enabled']) for row in rows):
        return []
    return [esxcli('network firewall ruleset set', ('--ruleset-id', ruleset), ('--enabled', 'true'))]
