"""What to do to switches, uplinks and port groups."""

from actions import esxcli

PORTS = 256


def make_switches(present, wish):
    """What disturbs nothing: new switches, new port groups on free places, cards that nobody uses yet, room for longer packets."""
    used = [uplink for switch in present.switches.values() for uplink in switch.uplinks]
    actions = []
    for switch in wish.switches.values():
        old = present.switches.get(switch.name)
        if old is None:
            actions += new_switch(switch)
        else:
            actions += settings(old, switch)
        free = [uplink for uplink in switch.uplinks if uplink not in used]
        actions += [add_uplink(switch, uplink) for uplink in free]
        if old is None and free == switch.uplinks and free:
            actions.append(failover(switch))
    for group in wish.groups.values():
        if group.name not in present.groups:
            actions += new_group(group)
    return actions


def new_switch(switch):
    name = ('--vswitch-name', switch.name)
    actions = [esxcli('network vswitch standard add', ('--ports', PORTS), name)]
    if switch.security is not None:
        actions.append(security(switch))
    actions.append(esxcli('network vswitch standard set', ('--mtu', switch.mtu), ('--cdp-status', switch.cdp), name))
    return actions


def settings(old, switch):
    name = ('--vswitch-name', switch.name)
    actions = []
    if switch.security is not None and old.security != switch.security:
        actions.append(security(switch))
    if switch.cdp and old.cdp != switch.cdp:
        actions.append(esxcli('network vswitch standard set', ('--cdp-status', switch.cdp), name))
    if old.mtu < switch.mtu:
        actions.append(esxcli('network vswitch standard set', ('--mtu', switch.mtu), name))
    return actions


def security(switch):
    words = ['yes' if allowed else 'no' for allowed in switch.security]
    return esxcli(
        'network vswitch standard policy security set', ('--allow-forged-transmits', words[0]),
        ('--allow-mac-change', words[1]), ('--allow-promiscuous', words[2]), ('--vswitch-name', switch.name))


def failover(switch):
    options = [('--active-uplinks', ','.join(switch.active)), ('--vswitch-name', switch.name)]
    return esxcli(
        'network vswitch standard policy failover set', options[0], ('--load-balancing', switch.balancing), options[1])


def add_uplink(switch, uplink):
    return esxcli(
        'network vswitch standard uplink add', ('--uplink-name', uplink), ('--vswitch-name', switch.name))


def new_group(group):
    actions = [esxcli('network vswitch standard portgroup add', ('--portgroup-name', group.name),
                      ('--vswitch-name', group.switch))]
    return actions + (set_vlan(group) if group.vlan else [])


def set_vlan(group):
    return [esxcli('network vswitch standard portgroup set', ('--portgroup-name', group.name),
                   ('--vlan-id', group.vlan))]


def remove_group(group):
    return esxcli('network vswitch standard portgroup remove', ('--portgroup-name', group.name),
                  ('--vswitch-name', group.switch))


def move_links(present, wish, removed_vmks, strict):
    """What takes the network away from who uses it: groups that move, cards that change hands. Done after vmks are gone."""
    doomed = doomed_switches(present, wish, removed_vmks, strict)
    left = [present.vmks[name].group for name in removed_vmks]
    actions = []
    for group in present.groups.values():
        new = wish.groups.get(group.name)
        if new is None and (strict or group.name in left):
            actions.append(remove_group(group))
        elif new is not None and new.switch != group.switch:
            actions.append(remove_group(group))
    # On the way back cards are freed one by one: a switch that cannot be removed must not keep them.
    actions += free_uplinks(present, wish, [] if strict else doomed)
    actions += [esxcli('network vswitch standard remove', ('--vswitch-name', name)) for name in doomed]
    for switch in wish.switches.values():
        actions += take_uplinks(present, switch)
    for group in wish.groups.values():
        old = present.groups.get(group.name)
        if old is not None and old.switch != group.switch:
            actions += new_group(group)
        elif old is not None and old.vlan != group.vlan:
            actions += set_vlan(group)
    return actions


def doomed_switches(present, wish, removed_vmks, strict):
    """Those that lose what they were for. A switch with virtual machines on it cannot be removed: ESXi refuses."""
    wanted = [uplink for switch in wish.switches.values() for uplink in switch.uplinks]
    carried = [present.groups[present.vmks[name].group].switch for name in removed_vmks]
    doomed = []
    for switch in present.switches.values():
        loses = switch.name in carried or any(uplink in wanted for uplink in switch.uplinks)
        if switch.name not in wish.switches and (strict or loses):
            doomed.append(switch.name)
    return doomed


def free_uplinks(present, wish, doomed):
    actions = []
    for old in present.switches.values():
        if old.name in doomed:
            continue
        new = wish.switches.get(old.name)
        for uplink in old.uplinks:
            elsewhere = any(uplink in switch.uplinks for switch in wish.switches.values() if switch is not new)
            if elsewhere or (new is not None and uplink not in new.uplinks):
                actions.append(esxcli('network vswitch standard uplink remove', ('--uplink-name', uplink),
                                      ('--vswitch-name', old.name)))
    return actions


def take_uplinks(present, switch):
    used = [uplink for each in present.switches.values() for uplink in each.uplinks]
    old = present.switches.get(switch.name)
    actions = []
    for uplink in switch.uplinks:
        if uplink in used and (old is None or uplink not in old.uplinks):
            actions.append(add_uplink(switch, uplink))
    done = old is None and not actions
    same = old is not None and (old.active, old.balancing) == (switch.active, switch.balancing)
    if switch.uplinks and not done and not same:
        actions.append(failover(switch))
    return actions


def shorten(present, wish):
    """Room for longer packets is given up last, when nobody has them any more."""
    actions = []
    for switch in wish.switches.values():
        old = present.switches.get(switch.name)
        if old is not None and old.mtu > switch.mtu:
            actions.append(esxcli('network vswitch standard set', ('--mtu', switch.mtu), ('--vswitch-name', switch.name)))
    return actions
