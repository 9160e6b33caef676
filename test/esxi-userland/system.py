"""esxcli system and network firewall."""

import re

import files
import texts
from machine import Refused
from options import Option, esxcli


@esxcli('system version get')
def version_get(state):
    return texts.fields([('Product', 'VMware ESXi'), ('Version', state['version']), ('Build', 'Releasebuild-24022510'),
                         ('Update', 3), ('Patch', 35)])


def is_new(state):
    return int(state['version'].split('.')[0]) >= 7


@esxcli('system hostname get')
def hostname_get(state):
    fqdn = state['host'] + ('.' + state['domain'] if state['domain'] else '')
    return texts.fields([('Domain Name', state['domain']), ('Fully Qualified Domain Name', fqdn),
                         ('Host Name', state['host'])])


@esxcli('system hostname set', Option('host', 'H'), Option('domain', 'd'), Option('fqdn', 'f'))
def hostname_set(state, host, domain, fqdn):
    if fqdn is not None and (host is not None or domain is not None):
        raise Refused('Error: fqdn cannot stand beside host or domain')
    if fqdn is not None:
        host, _, domain = fqdn.partition('.')
    if host is not None and not re.match(r'[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$', host):
        raise Refused('A specified parameter was not correct: hostName')
    state['host'] = host if host is not None else state['host']
    state['domain'] = domain if domain is not None else state['domain']


@esxcli('system ntp get')
def ntp_get(state):
    if not is_new(state):
        raise Refused('Error: Unknown command or namespace system ntp get')
    ntp = state['ntp']
    return texts.fields([('Enabled', ntp['enabled']), ('Loglevel', 'warning'), ('PID', ''), ('Runtime Servers', ''),
                         ('Servers', ntp['servers'])])


@esxcli('system ntp set', Option('server', 's', many=True), Option('enabled', 'e', kind='bool'),
        Option('reset', 'r', kind='bool'))
def ntp_set(state, server, enabled, reset):
    if not is_new(state):
        raise Refused('Error: Unknown command or namespace system ntp set')
    if server:
        state['ntp']['servers'] = server
    if enabled is not None:
        state['ntp']['enabled'] = enabled


@esxcli('system syslog config get')
def syslog_get(state):
    return texts.fields([('Default Network Retry Timeout', 180), ('Local Log Output', '/scratch/log'),
                         ('Remote Host', state['loghost'] or '<none>')])


@esxcli('system syslog config set', Option('loghost', 'o'))
def syslog_set(state, loghost):
    state['loghost'] = loghost or ''


@esxcli('system shutdown reboot', Option('delay', 'd', kind='int'), Option('reason', 'r', True))
def reboot(state, delay, reason):
    state['restarted'].append('host')


@esxcli('system syslog reload')
def syslog_reload(state):
    state['restarted'].append('syslog')


@esxcli('network firewall get')
def firewall_get(state):
    return texts.fields([('Default Action', 'DROP'), ('Enabled', state['firewall']['enabled']), ('Loaded', True)])


@esxcli('network firewall set', Option('enabled', 'e', True, kind='bool'))
def firewall_set(state, enabled):
    state['firewall']['enabled'] = enabled


@esxcli('network firewall ruleset list', Option('ruleset-id', 'r'))
def ruleset_list(state, ruleset_id):
    rulesets = state['firewall']['rulesets']
    names = [ruleset(state, ruleset_id)] if ruleset_id else sorted(rulesets)
    return texts.table(['Name', 'Enabled'], [[name, rulesets[name]] for name in names], ('Enabled',))


def ruleset(state, name):
    if name not in state['firewall']['rulesets']:
        raise Refused('Invalid ruleset id %s' % name)
    return name


@esxcli('network firewall ruleset set', Option('ruleset-id', 'r', True), Option('enabled', 'e', kind='bool'))
def ruleset_set(state, ruleset_id, enabled):
    state['firewall']['rulesets'][ruleset(state, ruleset_id)] = enabled


@esxcli('system account list')
def account_list(state):
    rows = [[name, state['accounts'][name]] for name in sorted(state['accounts'])]
    return texts.table(['User ID', 'Description'], rows)


@esxcli('system account add', Option('id', 'i', True), Option('description', 'd'), Option('password', 'p', True),
        Option('password-confirmation', 'c', True))
def account_add(state, id, description, password, password_confirmation):
    if id in state['accounts']:
        raise Refused("The specified key, name, or identifier '%s' already exists." % id)
    if not re.match(r'[a-z_][a-z0-9_-]{0,31}$', id):
        raise Refused('A specified parameter was not correct: id')
    kinds = [r'[a-z]', r'[A-Z]', r'[0-9]', r'[^A-Za-z0-9]']
    if password != password_confirmation or len(password) < 7 or sum(bool(re.search(k, password)) for k in kinds) < 3:
        raise Refused('Weak password: not enough different characters or classes.')
    state['accounts'][id] = description or ''
    files.write(state, '/etc/shadow', (files.read(state, '/etc/shadow') or '') + '%s:$6$set:13358:0:99999:7:::\n' % id)


@esxcli('system account set', Option('id', 'i', True), Option('description', 'd'))
def account_set(state, id, description):
    if id not in state['accounts']:
        raise Refused('The user or group named %s does not exist.' % id)
    state['accounts'][id] = description if description is not None else state['accounts'][id]


@esxcli('system permission list')
def permission_list(state):
    names = {'Admin': 'Full access rights', 'ReadOnly': 'See details of objects, but not make changes'}
    rows = [[name, False, role, names[role]] for name, role in sorted(state['permissions'].items())]
    return texts.table(['Principal', 'Is Group', 'Role', 'Role Description'], rows, ('Is Group',))


@esxcli('system permission set', Option('id', 'i', True), Option('role', 'r', True))
def permission_set(state, id, role):
    if id not in state['accounts']:
        raise Refused('The user or group named %s does not exist.' % id)
    if role not in ('Admin', 'ReadOnly', 'NoAccess'):
        raise Refused('Unknown role %s' % role)
    state['permissions'][id] = role


@esxcli('system permission unset', Option('id', 'i', True))
def permission_unset(state, id):
    if state['permissions'].pop(id, None) is None:
        raise Refused('The object or item referred to could not be found.')


@esxcli('system settings advanced list', Option('option', 'o', True))
def advanced_list(state, option):
    entry = advanced(state, option)
    is_number = entry['type'] == 'integer'
    return texts.fields([
        ('Path', option), ('Type', entry['type']), ('Int Value', entry['value'] if is_number else 0),
        ('Default Int Value', 0), ('Min Value', 0), ('Max Value', 2147483647),
        ('String Value', '' if is_number else entry['value']), ('Default String Value', ''), ('Valid Characters', ''),
        ('Description', 'An option: with a colon')])


def advanced(state, option):
    if option not in state['advanced']:
        raise Refused('Unable to find option %s' % option.split('/')[-1])
    return state['advanced'][option]


@esxcli('system settings advanced set', Option('option', 'o', True), Option('int-value', 'i', kind='int'),
        Option('string-value', 's'))
def advanced_set(state, option, int_value, string_value):
    entry = advanced(state, option)
    value = int_value if entry['type'] == 'integer' else string_value
    if value is None or (int_value is not None and string_value is not None):
        raise Refused('Invalid value for option %s of type %s' % (option, entry['type']))
    entry['value'] = value


@esxcli('system settings kernel list', Option('option', 'o'))
def kernel_list(state, option):
    names = sorted(state['kernel']) if option is None else [name for name in [option] if name in state['kernel']]
    rows = [[name, state['kernel'][name]['type'], state['kernel'][name]['value'],
             state['kernel'][name].get('runtime', state['kernel'][name]['value']), state['kernel'][name]['value'],
             'What it does.'] for name in names]
    return texts.table(['Name', 'Type', 'Configured', 'Runtime', 'Default', 'Description'], rows)


@esxcli('system settings kernel set', Option('setting', 's', True), Option('value', 'v', True))
def kernel_set(state, setting, value):
    entry = state['kernel'].get(setting)
    if entry is None:
        raise Refused('Invalid Key Name: %s' % setting)
    if entry['type'] == 'Bool' and value.upper() not in ('TRUE', 'FALSE'):
        raise Refused('Invalid Value: %s' % value)
    entry.setdefault('runtime', entry['value'])
    entry['value'] = value
