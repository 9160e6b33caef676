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
    """The default routes first, which the management needs; `first` is for those alone, else for the others alone."""
    actions = []
    for version in (4, 6):
        words = 'network ip route ipv%d ' % version
        # What DHCP brings comes back by itself.
        had = [route for route in present.routes[version] if (route[0] == 'default') == first]
        wanted = [route for route in wish.routes[version] if (route[0] == 'default') == first]
        for route in had:
            if route not in wanted:
                actions.append(esxcli(words + 'remove', *options(route)))
        for route in wanted:
            if route not in had:
                actions.append(esxcli(words + 'add', *options(route)))
    return actions


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


def set_names(present, wish):
    """Servers are asked in their order: another order is another list."""
    pairs = (('server', present.dns, wish.dns), ('search', present.search, wish.search))
    actions = []
    for what, had, wanted in pairs:
        if wanted is None or had == wanted:
            continue
        words = 'network ip dns %s ' % what
        option = '--server' if what == 'server' else '--domain'
        # What is right already stays: the host is never without servers for longer than it must.
        kept = [value for value in had if value in wanted]
        if kept != wanted[:len(kept)]:
            kept = []
        actions += [esxcli(words + 'remove', (option, value)) for value in had if value not in kept]
        actions += [esxcli(words + 'add', (option, value)) for value in wanted if value not in kept]
    return actions
