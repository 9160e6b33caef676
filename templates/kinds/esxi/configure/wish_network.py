"""The network that a configuration asks for, in the form of `network_state`."""

import ipaddress
from collections import OrderedDict

from network_state import Group, Ipv4, Ipv6, Network, Vmk
from wish_links import Links, Problems
from wish_switches import wish_switches


def wish_network(config, nics, present):
    """The wished network and notes for the operator. @raises Problems"""
    links = Links(config.get('links', []), nics)
    wish = Network()
    add_dns(wish, config)
    switch_of = {}
    for carrier, switch in wish_switches(config, links, present):
        wish.switches[switch.name] = switch
        for link in carrier.links:
            switch_of[link['name']] = switch.name
    for network in config.get('networks', []):
        link = links.by_name.get(network['link'])
        if link is not None and link['name'] in switch_of:
            add_network(wish, links, network, link, switch_of[link['name']])
    for vmk in wish.vmks.values():
        add_group(wish, links, vmk)
    for group in config.get('portGroups', []):
        link = links.by_name.get(group['link'])
        if link is not None and link['name'] in switch_of:
            if group['name'] in wish.groups:
                links.problem('two port groups are called %s' % group['name'])
            wish.groups[group['name']] = Group(group['name'], switch_of[link['name']], links.vlan(link))
    add_routes(wish, links, config.get('networks', []))
    if links.problems:
        raise Problems(links.problems)
    return wish, links.notes


def add_dns(wish, config):
    networks = sorted(config.get('networks', []), key=lambda each: not each.get('management'))
    parts = [config.get('dns', {})] + [network.get('dns', {}) for network in networks]
    servers = OrderedDict.fromkeys(server for part in parts for server in part.get('servers', []))
    search = OrderedDict.fromkeys(domain for part in parts for domain in part.get('search', []))
    # Without servers of its own a host keeps those that DHCP tells it.
    wish.dns = list(servers) or None
    wish.search = list(search) or None


def add_network(wish, links, network, link, switch):
    vmk = joined(wish, links, network, link)
    if vmk is None:
        # The address of the card is for the first interface on it; two with the same could not talk.
        mac = links.mac(link)
        if any(each.mac == mac for each in wish.vmks.values()):
            mac = None
        vmk = Vmk('vmk%d' % len(wish.vmks), None, links.mtu(link), mac)
        vmk.link = link
        vmk.switch = switch
        vmk.named = network.get('portGroup')
        vmk.families = set()
        wish.vmks[vmk.name] = vmk
    vmk.management = vmk.management or bool(network.get('management'))
    set_address(vmk, network, wish.dns)


def family(network):
    if network['method'] == 'static':
        return ipaddress.ip_interface(network['address']).version
    return 4 if network['method'] == 'dhcp' else 6


def joined(wish, links, network, link):
    """IPv4 and all of IPv6 on a link are one interface; a further IPv4 address needs one of its own."""
    for vmk in wish.vmks.values():
        named = network.get('portGroup')
        if vmk.link is link and named in (None, vmk.named):
            if family(network) == 6 or 4 not in vmk.families:
                return vmk
    return None


def set_address(vmk, network, dns):
    vmk.families.add(family(network))
    method = network['method']
    if method == 'dhcp':
        vmk.ipv4 = Ipv4('dhcp', peer_dns=dns is None)
    elif method == 'static':
        address = ipaddress.ip_interface(network['address'])
        if address.version == 4:
            vmk.ipv4 = Ipv4('static', str(address.ip), str(address.netmask))
        else:
            vmk.ipv6 = Ipv6(vmk.ipv6.dhcp, vmk.ipv6.router, vmk.ipv6.addresses + [str(address)])
    else:
        vmk.ipv6 = Ipv6(
            vmk.ipv6.dhcp or method == 'dhcp6', vmk.ipv6.router or method == 'slaac', vmk.ipv6.addresses)


def add_group(wish, links, vmk):
    """Each interface has a port group of its own: a taken name gets a number."""
    name = vmk.named or ('Management Network' if vmk.management else vmk.link['name'])
    vlan = links.vlan(vmk.link)
    had = wish.groups.get(name)
    if had is not None and (had.switch, had.vlan) != (vmk.switch, vlan):
        links.problem('port group %s is to be on two links' % name)
    number = 0
    vmk.group = name
    while vmk.group in wish.groups:
        number += 1
        vmk.group = '%s:%d' % (name, number)
    wish.groups[vmk.group] = Group(vmk.group, vmk.switch, vlan)


def add_routes(wish, links, networks):
    # ESXi has one gateway for each family; the management's comes first.
    for network in sorted(networks, key=lambda each: not each.get('management')):
        if network.get('gateway'):
            add_route(wish, links, 'default', network['gateway'])
    for network in networks:
        for route in network.get('routes', []):
            try:
                add_route(wish, links, str(ipaddress.ip_network(route['to'])), route['via'])
            except ValueError as error:
                links.problem('route: %s' % error)


def add_route(wish, links, to, via):
    via = str(ipaddress.ip_address(via))
    routes = wish.routes[ipaddress.ip_address(via).version]
    known = dict(routes).get(to)
    if known is None:
        routes.append((to, via))
    elif known != via:
        what = 'gateway' if to == 'default' else 'route to %s' % to
        links.note('%s is not used: ESXi has one %s, and it is %s' % (via, what, known))
