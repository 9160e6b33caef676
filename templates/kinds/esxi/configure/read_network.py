"""Reads the network that the host has."""

import ipaddress

from ask import ask, ask_anyhow
from network_state import Group, Ipv4, Ipv6, Network, Switch, Vmk
from output import blocks, fields, number, table, truth, words

# esxcli prints other words for some policies than it takes.
BALANCING = {'srcport': 'portid', 'srcmac': 'mac'}
STACK = 'defaultTcpipStack'


class Nic:
    def __init__(self, name, mac, up):
        self.name = name
        self.mac = mac
        self.up = up


def read_nics(host):
    rows = table(ask(host, 'network nic list'))
    return [Nic(row['Name'], row['MAC Address'].lower(), row.get('Link Status') == 'Up') for row in rows]


def read_network(host):
    network = Network()
    for name, values in blocks(ask(host, 'network vswitch standard list')):
        network.switches[name] = read_switch(host, name, values)
    for row in table(ask(host, 'network vswitch standard portgroup list')):
        network.groups[row['Name']] = Group(row['Name'], row['Virtual Switch'], number(row['VLAN ID']))
    for name, values in blocks(ask(host, 'network ip interface list')):
        # Another stack's, and one on a distributed switch, is somebody else's.
        if values.get('Netstack Instance', STACK) == STACK and values.get('Portgroup') in network.groups:
            network.vmks[name] = read_vmk(host, name, values)
    if network.vmks:
        read_addresses(host, network)
    read_routes(host, network)
    read_names(host, network)
    return network


def read_switch(host, name, values):
    option = ('--vswitch-name', name)
    failover = fields(ask(host, 'network vswitch standard policy failover get', option))
    security = fields(ask(host, 'network vswitch standard policy security get', option))
    balancing = failover.get('Load Balancing', '')
    return Switch(
        name, words(values.get('Uplinks')), number(values.get('MTU'), 1500), values.get('CDP Status', ''),
        BALANCING.get(balancing, balancing), words(failover.get('Active Adapters')),
        tuple(truth(security.get(key)) for key in (
            'Allow Forged Transmits', 'Allow MAC Address Change', 'Allow Promiscuous')))


def read_vmk(host, name, values):
    vmk = Vmk(name, values.get('Portgroup'), number(values.get('MTU'), 1500), values.get('MAC Address', '').lower())
    tags = fields(ask(host, 'network ip interface tag get', ('--interface-name', name)))
    vmk.management = 'Management' in words(tags.get('Tags'))
    vmk.ipv6 = Ipv6()
    return vmk


def read_addresses(host, network):
    for row in table(ask(host, 'network ip interface ipv4 get')):
        vmk = network.vmks.get(row['Name'])
        if vmk is not None:
            method = row['Address Type'].lower()
            is_static = method == 'static'
            vmk.ipv4 = Ipv4(
                method if method in ('static', 'dhcp') else 'none', row['IPv4 Address'] if is_static else None,
                row['IPv4 Netmask'] if is_static else None, truth(row.get('DHCP DNS')))
    # Nothing of this is there on a host whose IPv6 is off.
    for row in table(ask_anyhow(host, 'network ip interface ipv6 get')):
        vmk = network.vmks.get(row['Name'])
        if vmk is not None:
            vmk.ipv6 = Ipv6(truth(column(row, 'DHCPv6')), truth(column(row, 'Router Adv')))
    for row in table(ask_anyhow(host, 'network ip interface ipv6 address list')):
        vmk = network.vmks.get(row['Interface'])
        address = row['Address'].split('/')[0]
        is_local = ipaddress.ip_address(address).is_link_local
        if vmk is not None and row.get('Type', '').upper() in ('STATIC', 'MANUAL') and not is_local:
            vmk.ipv6.addresses.append('%s/%s' % (address, row['Netmask']))


def column(row, beginning):
    """Its title differs between releases."""
    return next((value for title, value in row.items() if title.startswith(beginning)), '')


def read_routes(host, network):
    for row in table(ask(host, 'network ip route ipv4 list')):
        if row.get('Source', 'MANUAL').upper() == 'MANUAL' and row['Gateway'] != '0.0.0.0':
            network.routes[4].append((target(row['Network'], row['Netmask']), row['Gateway']))
    for row in table(ask_anyhow(host, 'network ip route ipv6 list')):
        if row.get('Source', 'MANUAL').upper() == 'MANUAL' and row['Gateway'] not in ('::', 'None', ''):
            prefix = row.get('Prefix Length') or row.get('Netmask') or '0'
            network.routes[6].append((target(row['Network'], prefix), row['Gateway']))


def read_names(host, network):
    network.dns = words(fields(ask(host, 'network ip dns server list')).get('DNSServers'))
    network.search = words(fields(ask(host, 'network ip dns search list')).get('DNSSearch Domains'))


def target(network, mask):
    if network in ('default', '0.0.0.0', '::'):
        return 'default'
    return str(ipaddress.ip_network('%s/%s' % (network.split('/')[0], mask)))
