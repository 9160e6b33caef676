"""Which cards, switches and VLANs the links of a configuration mean on this host."""

from collections import OrderedDict

# The modes of Linux's bonding driver that a standard switch has a counterpart of.
BALANCING = {'balance-rr': 'portid', 'active-backup': 'explicit', '802.3ad': 'iphash'}


class Problems(Exception):
    """What of a configuration this host cannot have. Nothing has been changed."""

    def __init__(self, problems):
        Exception.__init__(self, '; '.join(problems))


class Links:
    """`problems` collects what is wrong; it is looked at before anything is done."""

    def __init__(self, links, nics):
        self.nics = nics
        self.problems = []
        self.notes = []
        self.by_name = OrderedDict()
        for link in links:
            if link['name'] in self.by_name:
                self.problem('two links are called %s' % link['name'])
            self.by_name[link['name']] = link

    def problem(self, text):
        if text not in self.problems:
            self.problems.append(text)

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def find(self, name, who):
        link = self.by_name.get(name)
        if link is None:
            self.problem('%s: there is no link %s' % (who, name))
        return link

    def base(self, link):
        """The card or bond that a link stands on."""
        if link['type'] != 'vlan':
            return link
        base = self.find(link['link'], link['name'])
        if base is not None and base['type'] == 'vlan':
            self.problem('%s: a VLAN in a VLAN is not known to ESXi' % link['name'])
            return None
        return base

    def vlan(self, link):
        return link['id'] if link['type'] == 'vlan' else 0

    def mtu(self, link):
        """A VLAN has its base's if it says nothing."""
        own = link.get('mtu')
        if own is None and link['type'] == 'vlan':
            own = self.by_name.get(link['link'], {}).get('mtu')
        return own or 1500

    def uplinks(self, base):
        """The host's names of the cards, the preferred one first."""
        if base['type'] == 'nic':
            return [name for name in [self.card(base)] if name is not None]
        members = [self.find(name, base['name']) for name in base['members']]
        if any(member is not None and member['type'] != 'nic' for member in members):
            self.problem('%s: only cards can be members of a bond' % base['name'])
            return []
        pairs = [(member, self.card(member)) for member in members if member is not None]
        # The bond's address is that of the card which is to carry it.
        pairs.sort(key=lambda pair: self.mac(pair[0]) != base['mac'].lower() if base.get('mac') else False)
        return list(OrderedDict.fromkeys(name for _, name in pairs if name is not None))

    def card(self, link):
        mac = (link.get('mac') or '').lower()
        found = [nic.name for nic in self.nics if mac and nic.mac == mac]
        if len(found) == 1:
            return found[0]
        present = ', '.join('%s %s' % (nic.name, nic.mac) for nic in self.nics) or 'none'
        if mac:
            count = 'no card' if not found else '%d cards' % len(found)
            self.problem('%s: %s with the address %s; there are: %s' % (link['name'], count, mac, present))
            return None
        device = link.get('device') or link['name']
        if any(nic.name == device for nic in self.nics):
            return device
        self.problem('%s: no card is called %s; there are: %s' % (link['name'], device, present))
        return None

    def mac(self, link):
        """The address for an interface on it: a card's and a bond's own, or None for one that ESXi makes."""
        mac = link.get('vmkMac') or link.get('mac')
        return mac.lower() if mac and mac != 'auto' else None

    def balancing(self, base):
        if base['type'] == 'nic':
            return 'portid'
        mode = base['mode']
        if mode not in BALANCING:
            known = ', '.join(sorted(BALANCING))
            self.problem('%s: ESXi has nothing like the bond mode %s, only %s' % (base['name'], mode, known))
            return 'portid'
        if mode == '802.3ad':
            self.note('%s: a standard switch of ESXi speaks no LACP: the ports of the physical switch must be '
                      'a static channel' % base['name'])
        return BALANCING[mode]
