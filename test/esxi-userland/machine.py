"""The state of a simulated ESXi host, as its installer leaves it: one JSON document."""

import copy

DEFAULT = {
    'version': '8.0.3',
    'nics': [],
    'ipv6': True,
    'switches': [],
    'groups': [],
    'vmks': [],
    'routes': {'4': [], '6': []},
    'dns': [],
    'search': [],
    'host': 'localhost',
    'domain': '',
    'firewall': {'enabled': True, 'rulesets': {'sshServer': True, 'syslog': False, 'ntpClient': False, 'httpClient': False}},
    'services': {
        'SSH': {'policy': False, 'running': False},
        'ESXShell': {'policy': False, 'running': False},
        'ntpd': {'policy': False, 'running': False},
    },
    'ntp': {'enabled': False, 'servers': []},
    'loghost': '',
    'accounts': {
        'root': 'Administrator', 'dcui': 'DCUI User', 'vpxuser': 'VMware VirtualCenter administration account'},
    'permissions': {'root': 'Admin', 'dcui': 'Admin', 'vpxuser': 'Admin'},
    'advanced': {
        '/UserVars/SuppressShellWarning': {'type': 'integer', 'value': 0},
        '/UserVars/ESXiShellInteractiveTimeOut': {'type': 'integer', 'value': 0},
        '/Syslog/global/logHost': {'type': 'string', 'value': ''},
        '/Net/FollowHardwareMac': {'type': 'integer', 'value': 1},
    },
    'kernel': {
        'hyperthreading': {'type': 'Bool', 'value': 'TRUE'},
        'logPort': {'type': 'String', 'value': 'none'},
        'iovDisableIR': {'type': 'Bool', 'value': 'FALSE'},
    },
    'licence': '00000-00000-00000-00000-00000',
    'disks': [],
    'extents': [],
    'files': {
        '/etc/shadow': {'mode': 0o600, 'text': 'root:$6$old$old:13358:0:99999:7:::\ndcui:*:13358:0:99999:7:::\n'},
        '/etc/ntp.conf': {'mode': 0o644, 'text': 'restrict default nomodify notrap nopeer noquery\nserver 0.vmware.pool.ntp.org\n'},
        '/etc/ssh/keys-root/authorized_keys': {'mode': 0o600, 'text': ''},
    },
    'backups': 0,
    'restarted': [],
    'ran': [],
    # Commands that are to fail: a part of the line, how often (absent: always), after how many that do not, what is said; or
    # another answer than the right one.
    'fail': [],
    # What is at the other end of the cables; None: whatever is plugged in anywhere reaches everything.
    'world': None,
}


class Refused(Exception):
    """What ESXi answers instead of doing it."""


def installed(nics, changes=None):
    """A host after its installer: DHCP on the first card, `vSwitch0`, the port groups `Management Network` and `VM Network`."""
    state = copy.deepcopy(DEFAULT)
    state['nics'] = nics
    first = nics[0]
    state['switches'] = [{
        'name': 'vSwitch0', 'ports': 128, 'mtu': 1500, 'cdp': 'listen', 'uplinks': [first['name']],
        'balancing': 'srcport', 'active': [first['name']],
        'security': {'forged': True, 'mac': True, 'promiscuous': False}}]
    state['groups'] = [
        {'name': 'VM Network', 'switch': 'vSwitch0', 'vlan': 0, 'clients': 0},
        {'name': 'Management Network', 'switch': 'vSwitch0', 'vlan': 0, 'clients': 0}]
    state['vmks'] = [{
        'name': 'vmk0', 'mac': first['mac'].lower(), 'mtu': 1500, 'group': 'Management Network',
        'tags': ['Management'], 'ipv4': {'type': 'DHCP', 'address': '', 'netmask': '', 'peer_dns': True},
        'ipv6': {'dhcp': False, 'router': True, 'addresses': []}}]
    for key, value in (changes or {}).items():
        if isinstance(value, dict) and isinstance(state.get(key), dict):
            state[key].update(value)
        else:
            state[key] = value
    return state


def find(items, name):
    return next((item for item in items if item['name'] == name), None)


def require(items, name, text):
    found = find(items, name)
    if found is None:
        raise Refused(text)
    return found
