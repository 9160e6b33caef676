"""The switches that a configuration asks for: one for each card or bond that carries something."""

from network_state import Switch

# The same for all: nothing on a switch may pretend to be somebody else, unless an operator allows it.
STRICT = (False, False, False)


class Carrier:
    """A card or bond with the links on it that carry something."""

    def __init__(self, base):
        self.base = base
        self.links = []
        # Names for its switch; the first counts.
        self.names = []


def carriers(config, links):
    """In the order of the links, the one with the management first."""
    users = [network['link'] for network in config.get('networks', [])]
    users += [group['link'] for group in config.get('portGroups', [])]
    by_base = {}
    for name in users:
        add_link(by_base, links, links.find(name, 'a network or port group'))
    for link in config.get('links', []):
        base = links.base(link) if link.get('vswitch') else None
        if base is not None and base['name'] not in by_base:
            add_link(by_base, links, link)
        if base is not None:
            by_base[base['name']].names.append(link['vswitch'])
    managed = [network['link'] for network in config.get('networks', []) if network.get('management')]
    found = [by_base[name] for name in links.by_name if name in by_base]
    return sorted(found, key=lambda carrier: not any(link['name'] in managed for link in carrier.links))


def add_link(by_base, links, link):
    base = links.base(link) if link is not None else None
    if base is None:
        return
    carrier = by_base.setdefault(base['name'], Carrier(base))
    if link not in carrier.links:
        carrier.links.append(link)
    if link.get('vswitch'):
        carrier.names.append(link['vswitch'])


def wish_switches(config, links, present):
    """Pairs of a carrier and its switch. Without networks the switches that are there stay, with their names."""
    found = carriers(config, links)
    keeps = not config.get('networks')
    result = []
    taken = {}
    for carrier in found:
        uplinks = links.uplinks(carrier.base)
        check_uplinks(links, carrier.base['name'], uplinks, taken)
        name = next(iter(carrier.names), None)
        if keeps and name is None:
            name = next((each.name for each in present.switches.values() if set(each.uplinks) & set(uplinks)), None)
        switch = Switch(
            name, uplinks, max(links.mtu(link) for link in carrier.links), 'listen',
            links.balancing(carrier.base), uplinks, STRICT)
        result.append((carrier, switch))
    name_switches(links, result)
    return result


def check_uplinks(links, base, uplinks, taken):
    for uplink in uplinks:
        if uplink in taken:
            links.problem('%s and %s both use %s' % (taken[uplink], base, uplink))
        taken[uplink] = base


def name_switches(links, pairs):
    taken = [switch.name for _, switch in pairs if switch.name is not None]
    for name in taken:
        if taken.count(name) > 1:
            links.problem('%s is to have several cards or bonds: only a bond can join cards' % name)
    number = 0
    for _, switch in pairs:
        while switch.name is None:
            if 'vSwitch%d' % number not in taken:
                switch.name = 'vSwitch%d' % number
            number += 1
