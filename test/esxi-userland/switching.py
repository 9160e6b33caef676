"""esxcli network nic and vswitch: cards, switches, uplinks, port groups."""

import texts
from machine import Refused, find, require
from options import Option, esxcli

SWITCH = Option('vswitch-name', 'v', True)
GROUP = Option('portgroup-name', 'p', True)
UPLINK = Option('uplink-name', 'u', True)
NOT_FOUND = 'Sysinfo error: Not foundSee VMkernel log for details.'
BUSY = 'Sysinfo error: BusySee VMkernel log for details.'
# What esxcli takes, and what it prints.
BALANCING = {'portid': 'srcport', 'mac': 'srcmac', 'iphash': 'iphash', 'explicit': 'explicit'}


@esxcli('network nic list')
def nic_list(state):
    rows = [
        [nic['name'], '0000:%02x:00.0' % index, 'ntg3', 'Up', nic.get('link', 'Up'), 1000 if nic.get('link', 'Up') == 'Up' else 0,
         'Full' if nic.get('link', 'Up') == 'Up' else 'Half', nic['mac'].lower(), 1500,
         'Broadcom Corporation NetXtreme BCM5720 Gigabit Ethernet']
        for index, nic in enumerate(state['nics'])]
    titles = ['Name', 'PCI Device', 'Driver', 'Admin Status', 'Link Status', 'Speed', 'Duplex', 'MAC Address', 'MTU',
              'Description']
    return texts.table(titles, rows, ('Speed', 'MTU'))


def switch_of(state, name):
    return require(state['switches'], name, NOT_FOUND)


@esxcli('network vswitch standard list', Option('vswitch-name', 'v'))
def switch_list(state, vswitch_name):
    chosen = state['switches'] if vswitch_name is None else [switch_of(state, vswitch_name)]
    return texts.blocks([(switch['name'], [
        ('Name', switch['name']), ('Class', 'cswitch'), ('Num Ports', 2560), ('Used Ports', 4),
        ('Configured Ports', switch['ports']), ('MTU', switch['mtu']), ('CDP Status', switch['cdp']),
        ('Beacon Enabled', False), ('Beacon Interval', 1), ('Beacon Threshold', 3), ('Beacon Required By', ''),
        ('Uplinks', switch['uplinks'][::-1]),
        ('Portgroups', [group['name'] for group in state['groups'] if group['switch'] == switch['name']]),
    ]) for switch in chosen])


@esxcli('network vswitch standard add', SWITCH, Option('ports', 'P', kind='int'))
def switch_add(state, vswitch_name, ports):
    if find(state['switches'], vswitch_name) is not None:
        raise Refused('A portset with this name already exists')
    if not 1 <= len(vswitch_name) <= 31:
        raise Refused('Invalid vswitch name')
    state['switches'].append({
        'name': vswitch_name, 'ports': ports or 128, 'mtu': 1500, 'cdp': 'listen', 'uplinks': [], 'active': [],
        'balancing': 'srcport', 'security': {'forged': True, 'mac': True, 'promiscuous': False}})


@esxcli('network vswitch standard remove', SWITCH)
def switch_remove(state, vswitch_name):
    switch = switch_of(state, vswitch_name)
    groups = [group for group in state['groups'] if group['switch'] == vswitch_name]
    if any(is_used(state, group) for group in groups):
        raise Refused(BUSY)
    state['groups'] = [group for group in state['groups'] if group not in groups]
    state['switches'].remove(switch)


@esxcli('network vswitch standard set', SWITCH, Option('mtu', 'm', kind='int'), Option('cdp-status', 'c'))
def switch_set(state, vswitch_name, mtu, cdp_status):
    switch = switch_of(state, vswitch_name)
    if cdp_status is not None:
        if cdp_status not in ('down', 'listen', 'advertise', 'both'):
            raise Refused('Error: Invalid CDP status %s' % cdp_status)
        switch['cdp'] = cdp_status
    if mtu is not None:
        groups = [group['name'] for group in state['groups'] if group['switch'] == vswitch_name]
        if not 1280 <= mtu <= 9000 or any(vmk['group'] in groups and vmk['mtu'] > mtu for vmk in state['vmks']):
            raise Refused('Unable to set MTU to %d : Sysinfo error: Bad parameter' % mtu)
        switch['mtu'] = mtu


@esxcli('network vswitch standard uplink add', SWITCH, UPLINK)
def uplink_add(state, vswitch_name, uplink_name):
    switch = switch_of(state, vswitch_name)
    if find(state['nics'], uplink_name) is None:
        raise Refused(NOT_FOUND)
    if uplink_name in switch['uplinks']:
        raise Refused('Uplink already exists: %s' % uplink_name)
    if any(uplink_name in other['uplinks'] for other in state['switches']):
        raise Refused(BUSY)
    # It carries nothing before the policy says so.
    switch['uplinks'].append(uplink_name)


@esxcli('network vswitch standard uplink remove', SWITCH, UPLINK)
def uplink_remove(state, vswitch_name, uplink_name):
    switch = switch_of(state, vswitch_name)
    if uplink_name not in switch['uplinks']:
        raise Refused('No such uplink: %s' % uplink_name)
    switch['uplinks'].remove(uplink_name)
    switch['active'] = [name for name in switch['active'] if name != uplink_name]


@esxcli('network vswitch standard policy failover get', SWITCH)
def failover_get(state, vswitch_name):
    switch = switch_of(state, vswitch_name)
    unused = [name for name in switch['uplinks'] if name not in switch['active']]
    return texts.fields([
        ('Load Balancing', switch['balancing']), ('Network Failure Detection', 'link'), ('Notify Switches', True),
        ('Failback', True), ('Active Adapters', switch['active']), ('Standby Adapters', ''), ('Unused Adapters', unused)])


@esxcli('network vswitch standard policy failover set', SWITCH, Option('active-uplinks', 'a'),
        Option('load-balancing', 'l'))
def failover_set(state, vswitch_name, active_uplinks, load_balancing):
    switch = switch_of(state, vswitch_name)
    if load_balancing is not None and load_balancing not in BALANCING:
        raise Refused('Error: Invalid load balancing policy %s' % load_balancing)
    if active_uplinks is not None:
        names = [name for name in active_uplinks.split(',') if name]
        for name in names:
            if name not in switch['uplinks'] or names.count(name) > 1:
                raise Refused('Invalid uplink name: %s' % name)
        switch['active'] = names
    if load_balancing is not None:
        switch['balancing'] = BALANCING[load_balancing]


@esxcli('network vswitch standard policy security get', SWITCH)
def security_get(state, vswitch_name):
    security = switch_of(state, vswitch_name)['security']
    return texts.fields([
        ('Allow Promiscuous', security['promiscuous']), ('Allow MAC Address Change', security['mac']),
        ('Allow Forged Transmits', security['forged'])])


@esxcli('network vswitch standard policy security set', SWITCH, Option('allow-forged-transmits', 'f', kind='bool'),
        Option('allow-mac-change', 'm', kind='bool'), Option('allow-promiscuous', 'p', kind='bool'))
def security_set(state, vswitch_name, allow_forged_transmits, allow_mac_change, allow_promiscuous):
    security = switch_of(state, vswitch_name)['security']
    given = {'forged': allow_forged_transmits, 'mac': allow_mac_change, 'promiscuous': allow_promiscuous}
    security.update((key, value) for key, value in given.items() if value is not None)


def is_used(state, group):
    return group['clients'] > 0 or any(vmk['group'] == group['name'] for vmk in state['vmks'])


@esxcli('network vswitch standard portgroup list')
def group_list(state):
    rows = [
        [group['name'], group['switch'],
         group['clients'] + sum(1 for vmk in state['vmks'] if vmk['group'] == group['name']), group['vlan']]
        for group in state['groups']]
    return texts.table(['Name', 'Virtual Switch', 'Active Clients', 'VLAN ID'], rows, ('Active Clients', 'VLAN ID'))


@esxcli('network vswitch standard portgroup add', SWITCH, GROUP)
def group_add(state, vswitch_name, portgroup_name):
    switch_of(state, vswitch_name)
    if find(state['groups'], portgroup_name) is not None:
        raise Refused('A portgroup with the name %s already exists' % portgroup_name)
    state['groups'].append({'name': portgroup_name, 'switch': vswitch_name, 'vlan': 0, 'clients': 0})


@esxcli('network vswitch standard portgroup remove', SWITCH, GROUP)
def group_remove(state, vswitch_name, portgroup_name):
    switch_of(state, vswitch_name)
    group = require(state['groups'], portgroup_name, NOT_FOUND)
    if group['switch'] != vswitch_name:
        raise Refused(NOT_FOUND)
    if is_used(state, group):
        raise Refused(BUSY)
    state['groups'].remove(group)


@esxcli('network vswitch standard portgroup set', GROUP, Option('vlan-id', 'v', kind='int'))
def group_set(state, portgroup_name, vlan_id):
    group = require(state['groups'], portgroup_name, NOT_FOUND)
    if vlan_id is not None:
        if not 0 <= vlan_id <= 4095:
            raise Refused('Error: Invalid VLAN ID %d' % vlan_id)
        group['vlan'] = vlan_id
