"""What to do to routes, and to what names are looked up with."""

import ipaddress

from actions import esxcli
from network_state import Network


def drop_defaults(present, wish):
    """
    A default route that somebody made and nobody wants goes before DHCP brings its own: removed later, it might take that one,
    which has the same gateway, with it.
    """
    actions = []
    for version in (4, 6):
        if not any(route[0] == 'default' for route in wish.routes[version]):
            for route in present.routes[version]:
                if route[0] == 'default':
                    actions.append(esxcli('network ip route ipv%d remove' % version, *options(route)))
    return actions


def set_routes(present, wish, first):
    """With `first` the default routes that the management has by itself, else all others: those need other interfaces."""
    actions = []
    for version in (4, 6):
        words = 'network ip route ipv%d ' % version
        early = [route for route in wish.routes[version] if route[0] == 'default' and is_near(wish, route[1])]
        wanted = early if first else [route for route in wish.routes[version] if route not in early]
        # What DHCP brings comes back by itself.
        had = [route for route in present.routes[version] if not first or (early and route[0] == 'default')]
        for route in had:
            if route not in wish.routes[version]:
                actions.append(esxcli(words + 'remove', *options(route)))
        for route in wanted:
            if route not in had:
                actions.append(esxcli(words + 'add', *options(route)))
    return actions


def is_near(wish, gateway):
    """Whether it is in a network of the interface that the host is managed over."""
    via = ipaddress.ip_address(gateway)
    for vmk in wish.vmks.values():
        own = list(vmk.ipv6.addresses)
        if vmk.ipv4.method == 'static':
            own.append('%s/%s' % (vmk.ipv4.address, vmk.ipv4.netmask))
        if vmk.management and any(via in ipaddress.ip_interface(address).network for address in own):
            return True
    return False


def options(route):
    return [('--gateway', route[1]), ('--network', route[0])]


def without_removed(present, wish, removed):
    """Routes as they will be when interfaces are gone or have other addresses: those through them go with them."""
    left = Network()
    told = [name for name, vmk in present.vmks.items() if vmk.ipv4.method == 'dhcp' and vmk.ipv4.peer_dns]
    gone = [name for name in told if name in removed or not wish.vmks[name].ipv4.same(present.vmks[name].ipv4)]
    # What DHCP told goes with it.
    left.dns, left.search = ([] if gone else present.dns), present.search
    for version in (4, 6):
        nets = []
        for name, vmk in present.vmks.items():
            new = wish.vmks.get(name)
            if name in removed or new is None:
                continue
            if version == 4 and vmk.ipv4.method == 'static' and new.ipv4.method == 'static':
                nets.append(ipaddress.ip_interface('%s/%s' % (new.ipv4.address, new.ipv4.netmask)).network)
            if version == 6:
                nets += [ipaddress.ip_interface(address).network for address in vmk.ipv6.addresses
                         if address in new.ipv6.addresses]
        kept = [name for name in present.vmks if name not in removed and name in wish.vmks]
        has_default = any(route[0] == 'default' for route in wish.routes[version])
        for route in present.routes[version]:
            if route[0] == 'default' and not has_default:
                continue
            via = ipaddress.ip_address(route[1])
            if any(via in net for net in nets) or (via.version == 6 and via.is_link_local and kept):
                left.routes[version].append(route)
    return left


def add_names(present, wish):
    """What is missing: the host needs names before all of its interfaces are right."""
    actions = []
    for words, option, had, wanted in names(present, wish):
        actions += [esxcli(words + 'add', (option, value)) for value in wanted if value not in had]
    return actions


def set_names(present, wish):
    """
    Servers are asked in their order: another order is another list. Done when all interfaces are right: what DHCP tells one that
    still listens to it cannot be taken away.
    """
    actions = []
    for words, option, had, wanted in names(present, wish):
        if had == wanted:
            continue
        # What is right already stays: the host is never without servers for longer than it must.
        kept = [value for value in had if value in wanted]
        if kept != wanted[:len(kept)]:
            kept = []
        actions += [esxcli(words + 'remove', (option, value)) for value in had if value not in kept]
        actions += [esxcli(words + 'add', (option, value)) for value in wanted if value not in kept]
    return actions


def names(present, wish):
    pairs = (('server', '--server', present.dns, wish.dns), ('search', '--domain', present.search, wish.search))
    return [('network ip dns %s ' % what, option, had, wanted) for what, option, had, wanted in pairs if wanted is not None]


def with_added(present, wish):
    """Names as they will be after `add_names`."""
    left = Network()
    left.dns = present.dns + [value for value in wish.dns or [] if value not in present.dns]
    left.search = present.search + [value for value in wish.search or [] if value not in present.search]
    return left
