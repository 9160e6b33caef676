"""What is at the other end of the cables: which addresses DHCP gives, and whether the server can be reached."""

import ipaddress

from machine import find

# Where nothing is said of the world, DHCP is everywhere.
LEASE = {'subnet': '10.0.0.0/24', 'gateway': '10.0.0.1', 'dhcp': '10.0.0.50', 'dns': ['10.0.0.2']}


def segment_of(state, vmk):
    """The network that an interface is plugged into, or None: its uplinks are down, unused, or its VLAN leads nowhere."""
    group = find(state['groups'], vmk['group'])
    switch = find(state['switches'], group['switch'])
    cards = [name for name in switch['active'] if find(state['nics'], name).get('link', 'Up') == 'Up']
    if not cards:
        return None
    world = state['world']
    if world is None:
        return LEASE
    for segment in world['segments']:
        if any(name in segment['nics'] for name in cards) and group['vlan'] in segment.get('vlans', [0]):
            return segment
    return None


def settle(state):
    """What happens by itself after a change: DHCP gives and takes, routes come and go with addresses."""
    for vmk in state['vmks']:
        if vmk['ipv4']['type'] == 'DHCP':
            lease(state, vmk)
    settle_dns(state)
    for version in ('4', '6'):
        settle_routes(state, version)


def lease(state, vmk):
    segment = segment_of(state, vmk)
    address = segment.get('dhcp') if segment else None
    vmk['ipv4']['address'] = address or '0.0.0.0'
    vmk['ipv4']['netmask'] = str(ipaddress.ip_network(segment['subnet']).netmask) if address else '0.0.0.0'
    vmk['ipv4']['gateway'] = segment.get('gateway', '') if address else ''
    vmk['ipv4']['dns'] = segment.get('dns', []) if address else []


def settle_dns(state):
    told = [server for vmk in state['vmks'] if vmk['ipv4']['type'] == 'DHCP' and vmk['ipv4']['peer_dns']
            for server in vmk['ipv4']['dns']]
    state['dns'] = [entry for entry in state['dns'] if entry['source'] == 'static' or entry['server'] in told]
    for server in told:
        if not any(entry['server'] == server for entry in state['dns']):
            state['dns'].append({'server': server, 'source': 'dhcp'})


def subnets(state, version):
    """(network, vmk) of each address."""
    found = []
    for vmk in state['vmks']:
        addresses = []
        if version == '4' and vmk['ipv4'].get('address') not in ('', None, '0.0.0.0'):
            addresses = ['%s/%s' % (vmk['ipv4']['address'], vmk['ipv4']['netmask'])]
        if version == '6':
            addresses = ['fe80::1/64'] + vmk['ipv6']['addresses'] if state['ipv6'] else []
        found += [(ipaddress.ip_interface(address).network, vmk) for address in addresses]
    return found


def settle_routes(state, version):
    nets = subnets(state, version)
    kept = []
    for route in state['routes'][version]:
        via = ipaddress.ip_address(route['gateway'])
        holder = next((vmk for net, vmk in nets if via in net), None)
        if route['source'] == 'MANUAL' and holder is not None:
            kept.append(dict(route, interface=holder['name']))
    if version == '4' and not any(route['network'] == 'default' for route in kept):
        for vmk in state['vmks']:
            if vmk['ipv4']['type'] == 'DHCP' and vmk['ipv4'].get('gateway'):
                kept.append({'network': 'default', 'netmask': '0.0.0.0', 'gateway': vmk['ipv4']['gateway'],
                             'interface': vmk['name'], 'source': 'DHCP'})
                break
    state['routes'][version] = kept


def reaches(state, server):
    """Whether a packet for the server finds its way."""
    server = ipaddress.ip_address(server)
    version = str(server.version)
    for net, vmk in subnets(state, version):
        segment = segment_of(state, vmk)
        if segment is None:
            continue
        if state['world'] is None:
            return True
        # The interface must be in the network that is really there.
        if net.version == 4 and net != ipaddress.ip_network(segment['subnet']):
            continue
        if server in net:
            return True
        routes = [route for route in state['routes'][version] if route['network'] == 'default'
                  or server in ipaddress.ip_network('%s/%s' % (route['network'], route['netmask']))]
        if any(route['gateway'] == segment.get('gateway') for route in routes):
            return True
    return False
