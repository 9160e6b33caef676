"""The network of the host as data: what is there, and what is wished for, in the same form."""

from collections import OrderedDict


class Network:
    """`switches`, `groups` and `vmks` by name, in order. Routes are pairs (to, via), to being a CIDR or `default`."""

    def __init__(self):
        self.switches = OrderedDict()
        self.groups = OrderedDict()
        self.vmks = OrderedDict()
        # Those that somebody made; what DHCP or an address brings comes and goes with it.
        self.routes = {4: [], 6: []}
        # Of a wish, None leaves what is there.
        self.dns = None
        self.search = None


class Switch:
    def __init__(self, name, uplinks=(), mtu=1500, cdp='listen', balancing='portid', active=(), security=None):
        self.name = name
        self.uplinks = list(uplinks)
        self.mtu = mtu
        self.cdp = cdp
        self.balancing = balancing
        self.active = list(active)
        # Whether forged transmits, changed addresses, and promiscuous mode are allowed.
        self.security = security


class Group:
    """A port group."""

    def __init__(self, name, switch, vlan=0):
        self.name = name
        self.switch = switch
        self.vlan = vlan


class Vmk:
    """An interface of the host itself. `mac` None: any."""

    def __init__(self, name, group, mtu=1500, mac=None):
        self.name = name
        self.group = group
        self.mtu = mtu
        self.mac = mac
        self.management = False
        self.ipv4 = Ipv4()
        self.ipv6 = Ipv6(open=True)


class Ipv4:
    def __init__(self, method='none', address=None, netmask=None, peer_dns=None):
        self.method = method
        self.address = address
        self.netmask = netmask
        self.peer_dns = peer_dns

    def same(self, other):
        if self.method != other.method:
            return False
        if self.method == 'static':
            return (self.address, self.netmask) == (other.address, other.netmask)
        return self.method == 'none' or None in (self.peer_dns, other.peer_dns) or self.peer_dns == other.peer_dns


class Ipv6:
    """
    `addresses` are the static ones with their prefix. ESXi has a link-local one as well whenever IPv6 is on.
    With `open` nothing is said about IPv6: whether routers are listened to stays as it is.
    """

    def __init__(self, dhcp=False, router=False, addresses=(), open=False):
        self.open = open
        self.dhcp = dhcp
        self.router = router
        self.addresses = list(addresses)

    def used(self):
        return self.dhcp or self.router or bool(self.addresses)
