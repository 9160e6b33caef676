"""esxcli network ip: interfaces, addresses, routes, name servers."""

import ipaddress
import re

import texts
from machine import Refused, find, require
from options import Option, esxcli
from world import subnets

NAME = Option('interface-name', 'i', True)
TAGS = ('Management', 'VMotion', 'faultToleranceLogging', 'vSphereReplication', 'vSphereReplicationNFC', 'VSAN',
        'VSANWitness', 'vSphereProvisioning')


def vmk_of(state, name):
    return require(state['vmks'], name, 'Unable to find vmkernel nic %s' % name)


@esxcli('network ip get')
def ip_get(state):
    return texts.fields([('IPv6 Enabled', state['ipv6'])])


@esxcli('network ip interface list')
def vmk_list(state):
    return texts.blocks([(vmk['name'], [
        ('Name', vmk['name']), ('MAC Address', vmk['mac']), ('Enabled', True),
        ('Portset', find(state['groups'], vmk['group'])['switch']), ('Portgroup', vmk['group']),
        ('Netstack Instance', 'defaultTcpipStack'), ('VDS Name', 'N/A'), ('VDS UUID', 'N/A'), ('VDS Port', 'N/A'),
        ('VDS Connection', -1), ('Opaque Network ID', 'N/A'), ('Opaque Network Type', 'N/A'), ('External ID', 'N/A'),
        ('MTU', vmk['mtu']), ('TSO MSS', 65535), ('RXDispQueue Size', 2), ('Port ID', 67108881)])
        for vmk in state['vmks']])


@esxcli('network ip interface add', NAME, Option('portgroup-name', 'p', True), Option('mac-address', 'M'),
        Option('mtu', 'm', kind='int'))
def vmk_add(state, interface_name, portgroup_name, mac_address, mtu):
    if not re.match(r'vmk\d+$', interface_name):
        raise Refused('Invalid vmkernel nic name %s' % interface_name)
    if find(state['vmks'], interface_name) is not None:
        raise Refused('A vmkernel nic with the name %s already exists' % interface_name)
    group = require(state['groups'], portgroup_name, 'Unable to find portgroup %s' % portgroup_name)
    if group['clients'] or any(vmk['group'] == portgroup_name for vmk in state['vmks']):
        raise Refused('A vmkernel nic for the connection point already exists')
    used = [vmk['mac'] for vmk in state['vmks']]
    made = ['00:50:56:6f:00:%02x' % number for number in range(1, 256)]
    mac = mac_address or next(each for each in made if each not in used)
    if not re.match(r'([0-9a-f]{2}:){5}[0-9a-f]{2}$', mac):
        raise Refused('Invalid MAC address %s' % mac)
    if mac in used:
        raise Refused('A vmkernel nic with the MAC address %s already exists' % mac)
    vmk = {
        'name': interface_name, 'mac': mac, 'mtu': 1500, 'group': portgroup_name, 'tags': [],
        'ipv4': {'type': 'NONE', 'address': '', 'netmask': '', 'peer_dns': False},
        'ipv6': {'dhcp': False, 'router': False, 'addresses': []}}
    state['vmks'].append(vmk)
    set_mtu(state, vmk, mtu or 1500)


def set_mtu(state, vmk, mtu):
    switch = find(state['switches'], find(state['groups'], vmk['group'])['switch'])
    if not 1280 <= mtu <= 9190 or mtu > switch['mtu']:
        if vmk['mtu'] == 1500 and mtu != 1500 and vmk['ipv4']['type'] == 'NONE':
            state['vmks'].remove(vmk)
        raise Refused('Unable to set MTU to %d : Sysinfo error: Bad parameterSee VMkernel log for details.' % mtu)
    vmk['mtu'] = mtu


@esxcli('network ip interface set', NAME, Option('mtu', 'm', kind='int'), Option('enabled', 'e', kind='bool'))
def vmk_set(state, interface_name, mtu, enabled):
    if mtu is not None:
        set_mtu(state, vmk_of(state, interface_name), mtu)


@esxcli('network ip interface remove', NAME)
def vmk_remove(state, interface_name):
    state['vmks'].remove(vmk_of(state, interface_name))


@esxcli('network ip interface tag get', NAME)
def tag_get(state, interface_name):
    return texts.fields([('Tags', vmk_of(state, interface_name)['tags'])])


@esxcli('network ip interface tag add', NAME, Option('tagname', 't', True))
def tag_add(state, interface_name, tagname):
    tags = vmk_of(state, interface_name)['tags']
    if tagname not in TAGS:
        raise Refused('Invalid tag %s' % tagname)
    if tagname in tags:
        raise Refused('Vmknic is already tagged with %s' % tagname)
    tags.append(tagname)


@esxcli('network ip interface tag remove', NAME, Option('tagname', 't', True))
def tag_remove(state, interface_name, tagname):
    tags = vmk_of(state, interface_name)['tags']
    if tagname not in tags:
        raise Refused('Vmknic is not tagged with %s' % tagname)
    tags.remove(tagname)


@esxcli('network ip interface ipv4 get', Option('interface-name', 'i'))
def ipv4_get(state, interface_name):
    vmks = state['vmks'] if interface_name is None else [vmk_of(state, interface_name)]
    rows = []
    for vmk in vmks:
        ipv4 = vmk['ipv4']
        address = ipv4['address'] or '0.0.0.0'
        mask = ipv4['netmask'] or '0.0.0.0'
        broadcast = str(ipaddress.ip_interface('%s/%s' % (address, mask)).network.broadcast_address)
        rows.append([vmk['name'], address, mask, broadcast, ipv4['type'], ipv4.get('gateway') or '0.0.0.0',
                     ipv4['type'] == 'DHCP' and ipv4['peer_dns']])
    titles = ['Name', 'IPv4 Address', 'IPv4 Netmask', 'IPv4 Broadcast', 'Address Type', 'Gateway', 'DHCP DNS']
    return texts.table(titles, rows, ('DHCP DNS',))


@esxcli('network ip interface ipv4 set', NAME, Option('type', 't', True), Option('ipv4', 'I', kind='ip4'),
        Option('netmask', 'N', kind='ip4'), Option('peer-dns', 'P', kind='bool'), Option('gateway', 'g', kind='ip4'))
def ipv4_set(state, interface_name, type, ipv4, netmask, peer_dns, gateway):
    vmk = vmk_of(state, interface_name)
    if type not in ('static', 'dhcp', 'none'):
        raise Refused('Error: Invalid type %s' % type)
    if type != 'static' and (ipv4 or netmask):
        raise Refused('Error: an address is for the type static alone')
    if type == 'static':
        if ipv4 is None or netmask is None:
            raise Refused('Error: both ipv4 and netmask parameters are required for the type static')
        if peer_dns:
            raise Refused('Error: peer-dns is for the type dhcp alone')
        check_static(state, vmk, ipv4, netmask)
    vmk['ipv4'] = {'type': type.upper(), 'address': ipv4 or '', 'netmask': netmask or '', 'peer_dns': bool(peer_dns),
                   'dns': []}


def check_static(state, vmk, address, netmask):
    try:
        interface = ipaddress.ip_interface('%s/%s' % (address, netmask))
    except ValueError:
        raise Refused('Invalid netmask %s' % netmask)
    net = interface.network
    if net.prefixlen < 31 and interface.ip in (net.network_address, net.broadcast_address):
        raise Refused('Invalid IPv4 address %s' % address)
    if any(other is not vmk and other['ipv4']['address'] == address for other in state['vmks']):
        raise Refused('IP address %s is already in use by another vmkernel nic' % address)


@esxcli('network ip interface ipv6 get', Option('interface-name', 'n'))
def ipv6_get(state, interface_name):
    if not state['ipv6']:
        raise Refused('IPv6 is not enabled')
    rows = [[vmk['name'], True, vmk['ipv6']['dhcp'], vmk['ipv6']['router'], False, '::'] for vmk in state['vmks']]
    return texts.table(
        ['Name', 'IPv6 Enabled', 'DHCPv6 Enabled', 'Router Adv Enabled', 'DHCP DNS', 'Gateway'], rows,
        ('IPv6 Enabled', 'DHCPv6 Enabled', 'Router Adv Enabled', 'DHCP DNS'))


@esxcli('network ip interface ipv6 set', NAME, Option('enable-ipv6', 'e', kind='bool'),
        Option('enable-dhcpv6', 'd', kind='bool'), Option('enable-router-adv', 'r', kind='bool'))
def ipv6_set(state, interface_name, enable_ipv6, enable_dhcpv6, enable_router_adv):
    ipv6 = vmk_of(state, interface_name)['ipv6']
    if not state['ipv6']:
        raise Refused('IPv6 is not enabled')
    ipv6['dhcp'] = ipv6['dhcp'] if enable_dhcpv6 is None else enable_dhcpv6
    ipv6['router'] = ipv6['router'] if enable_router_adv is None else enable_router_adv


@esxcli('network ip interface ipv6 address list')
def ipv6_list(state):
    rows = []
    for vmk in state['vmks'] if state['ipv6'] else []:
        rows.append([vmk['name'], 'fe80::250:56ff:fe6f:1', 64, 'STATIC', 'PREFERRED'])
        for address in vmk['ipv6']['addresses']:
            plain, prefix = address.split('/')
            rows.append([vmk['name'], plain, int(prefix), 'STATIC', 'PREFERRED'])
        if vmk['ipv6']['router']:
            rows.append([vmk['name'], '2001:db8:ffff::50', 64, 'RA', 'PREFERRED'])
    return texts.table(['Interface', 'Address', 'Netmask', 'Type', 'Status'], rows, ('Netmask',))


@esxcli('network ip interface ipv6 address add', NAME, Option('ipv6', 'I', True, kind='ip6'))
def ipv6_add(state, interface_name, ipv6):
    vmk = vmk_of(state, interface_name)
    if not state['ipv6']:
        raise Refused('IPv6 is not enabled')
    if any(ipv6 in other['ipv6']['addresses'] for other in state['vmks']):
        raise Refused('Unable to add IPv6 address: Already exists')
    vmk['ipv6']['addresses'].append(ipv6)


@esxcli('network ip interface ipv6 address remove', NAME, Option('ipv6', 'I', True, kind='ip6'))
def ipv6_remove(state, interface_name, ipv6):
    addresses = vmk_of(state, interface_name)['ipv6']['addresses']
    if ipv6 not in addresses:
        raise Refused('Unable to remove IPv6 address: Not found')
    addresses.remove(ipv6)


def route_commands(version):
    words = 'network ip route ipv%s ' % version
    options = (Option('gateway', 'g', True), Option('network', 'n', True))

    def parsed(gateway, network):
        try:
            via = ipaddress.ip_address(gateway)
            if network in ('default', '0.0.0.0/0', '::/0'):
                to = 'default'
                mask = '0.0.0.0' if version == '4' else 0
            else:
                net = ipaddress.ip_network(network)
                to = str(net.network_address)
                mask = str(net.netmask) if version == '4' else net.prefixlen
        except ValueError as error:
            raise Refused('Error: Invalid route: %s' % error)
        if via.version != int(version):
            raise Refused('Error: Invalid gateway %s' % gateway)
        return {'network': to, 'netmask': mask, 'gateway': str(via), 'interface': '', 'source': 'MANUAL'}

    @esxcli(words + 'list')
    def show(state):
        titles = ['Network', 'Netmask' if version == '4' else 'Prefix Length', 'Gateway', 'Interface', 'Source']
        rows = [[route[key] for key in ('network', 'netmask', 'gateway', 'interface', 'source')]
                for route in state['routes'][version]]
        for net, vmk in subnets(state, version):
            rows.append([net.network_address, net.netmask if version == '4' else net.prefixlen,
                         '0.0.0.0' if version == '4' else '::', vmk['name'], 'MANUAL'])
        return texts.table(titles, rows, ('Prefix Length',))

    @esxcli(words + 'add', *options)
    def add(state, gateway, network):
        route = parsed(gateway, network)
        routes = state['routes'][version]
        if not any(ipaddress.ip_address(gateway) in net for net, _ in subnets(state, version)):
            raise Refused('Unable to add route: Network is unreachable')
        if any((each['network'], each['netmask']) == (route['network'], route['netmask']) and each['source'] == 'MANUAL'
               for each in routes):
            raise Refused('Unable to add route: File exists')
        routes.append(route)

    @esxcli(words + 'remove', *options)
    def remove(state, gateway, network):
        route = parsed(gateway, network)
        for each in state['routes'][version]:
            if all(each[key] == route[key] for key in ('network', 'netmask', 'gateway')):
                state['routes'][version].remove(each)
                return
        raise Refused('Unable to remove route: No such process')


route_commands('4')
route_commands('6')


@esxcli('network ip dns server list')
def dns_list(state):
    return texts.fields([('DNSServers', [entry['server'] for entry in state['dns']])])


@esxcli('network ip dns server add', Option('server', 's', True))
def dns_add(state, server):
    try:
        ipaddress.ip_address(server)
    except ValueError:
        raise Refused('Invalid DNS server address %s' % server)
    if any(entry['server'] == server for entry in state['dns']):
        raise Refused('DNS server %s already exists' % server)
    state['dns'].append({'server': server, 'source': 'static'})


@esxcli('network ip dns server remove', Option('server', 's', True))
def dns_remove(state, server):
    found = [entry for entry in state['dns'] if entry['server'] == server]
    if not found:
        raise Refused('DNS server %s not found' % server)
    state['dns'].remove(found[0])


@esxcli('network ip dns search list')
def search_list(state):
    return texts.fields([('DNSSearch Domains', state['search'])])


@esxcli('network ip dns search add', Option('domain', 'd', True))
def search_add(state, domain):
    if domain in state['search']:
        raise Refused('Search domain %s already exists' % domain)
    state['search'].append(domain)


@esxcli('network ip dns search remove', Option('domain', 'd', True))
def search_remove(state, domain):
    if domain not in state['search']:
        raise Refused('Search domain %s not found' % domain)
    state['search'].remove(domain)
