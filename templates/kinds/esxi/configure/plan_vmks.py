"""What to do to the host's own interfaces and their addresses."""

from actions import esxcli


def removed_vmks(present, wish):
    """Those that nobody wants, and those that must be made anew."""
    return [name for name, vmk in present.vmks.items() if is_removed(present, wish, vmk)]


def is_removed(present, wish, vmk):
    new = wish.vmks.get(vmk.name)
    if new is None or new.group != vmk.group:
        return True
    if wish.groups[new.group].switch != present.groups[vmk.group].switch:
        return True
    if new.mac is not None and new.mac != vmk.mac:
        return True
    return any(other.name != vmk.name and takes_from(other, vmk) for other in wish.vmks.values())


def takes_from(other, vmk):
    """Whether one is to have an address, of either sort, that another has now."""
    if other.mac is not None and other.mac == vmk.mac:
        return True
    if vmk.ipv4.method == 'static' and other.ipv4.address == vmk.ipv4.address:
        return True
    return bool(set(other.ipv6.addresses) & set(vmk.ipv6.addresses))


def remove_vmk(name):
    return esxcli('network ip interface remove', ('--interface-name', name))


def set_vmk(present, vmk, removed):
    """Makes the interface, or makes it what it is to be."""
    old = present.vmks.get(vmk.name)
    if vmk.name in removed:
        old = None
    name = ('--interface-name', vmk.name)
    actions = []
    if old is None:
        mac = [('--mac-address', vmk.mac)] if vmk.mac else []
        actions.append(esxcli('network ip interface add', name, *(
            mac + [('--mtu', vmk.mtu), ('--portgroup-name', vmk.group)])))
    elif old.mtu != vmk.mtu:
        actions.append(esxcli('network ip interface set', name, ('--mtu', vmk.mtu)))
    actions += set_ipv4(old, vmk)
    actions += set_ipv6(old, vmk)
    if vmk.management and not (old is not None and old.management):
        actions.append(esxcli('network ip interface tag add', name, ('--tagname', 'Management')))
    if old is not None and old.management and not vmk.management:
        actions.append(esxcli('network ip interface tag remove', name, ('--tagname', 'Management')))
    return actions


def set_ipv4(old, vmk):
    wanted = vmk.ipv4
    if old is None and wanted.method == 'none':
        return []
    if old is not None and old.ipv4.same(wanted):
        return []
    words = 'network ip interface ipv4 set'
    name = ('--interface-name', vmk.name)
    if wanted.method == 'static':
        return [esxcli(words, name, ('--type', 'static'), ('--ipv4', wanted.address), ('--netmask', wanted.netmask))]
    if wanted.method == 'dhcp':
        peer = 'false' if wanted.peer_dns is False else 'true'
        return [esxcli(words, name, ('--peer-dns', peer), ('--type', 'dhcp'))]
    return [esxcli(words, name, ('--type', 'none'))]


def set_ipv6(old, vmk):
    wanted = vmk.ipv6
    name = ('--interface-name', vmk.name)
    actions = []
    old6 = None if old is None else old.ipv6
    if old6 is None:
        # What a new interface does by itself differs between releases.
        is_other = wanted.used()
    elif wanted.open:
        is_other = old6.dhcp
    else:
        is_other = (old6.dhcp, old6.router) != (wanted.dhcp, wanted.router)
    if is_other:
        actions.append(esxcli(
            'network ip interface ipv6 set', name, ('--enable-ipv6', 'true'), ('--enable-dhcpv6', lower(wanted.dhcp)),
            ('--enable-router-adv', lower(wanted.router))))
    had = [] if old6 is None else old6.addresses
    for address in had:
        if address not in wanted.addresses:
            actions.append(esxcli('network ip interface ipv6 address remove', name, ('--ipv6', address)))
    for address in wanted.addresses:
        if address not in had:
            actions.append(esxcli('network ip interface ipv6 address add', name, ('--ipv6', address)))
    return actions


def lower(flag):
    return 'true' if flag else 'false'
