"""Everything between the network that is there and the wished one, in the order that cuts the host off for the shortest time."""

from actions import Step
from network_state import Network
from plan_routes import add_names, drop_defaults, set_names, set_routes, with_added, without_removed
from plan_switches import make_switches, move_links, shorten
from plan_vmks import remove_vmk, removed_vmks, set_vmk
from read_network import read_names, read_routes


class Plan:
    """Steps in their order. Those about routes depend on what the ones before brought: a host is asked again for them."""

    def __init__(self, present, wish, strict=False):
        self.present = present
        self.wish = wish
        removed = removed_vmks(present, wish)
        managed = [vmk for vmk in wish.vmks.values() if vmk.management]
        others = [vmk for vmk in wish.vmks.values() if not vmk.management]
        self.left = without_removed(present, wish, removed)
        self.make = Step('switches', make_switches(present, wish))
        self.management = Step('management', (
            drop_defaults(present, wish) + [remove_vmk(name) for name in removed] + move_links(present, wish, removed, strict)
            + each_vmk(present, managed, removed)))
        self.others = Step('interfaces', each_vmk(present, others, removed))
        self.shorten = Step('packet length', shorten(present, wish))

    def steps(self, host=None):
        """One after the other, each made when its turn comes. Without a host it is guessed what the ones before bring."""
        yield self.make
        yield self.management
        yield Step('gateway', set_routes(self.routes(host), self.wish, True))
        yield Step('names', add_names(self.routes(host), self.wish))
        yield self.others
        yield Step('names', set_names(self.routes(host) if host else with_added(self.left, self.wish), self.wish))
        yield Step('routes', set_routes(self.routes(host), self.wish, False))
        yield self.shorten

    def is_empty(self):
        return not any(step.actions for step in self.steps())

    def routes(self, host):
        if host is None:
            return self.left
        network = Network()
        read_routes(host, network)
        read_names(host, network)
        return network


def each_vmk(present, vmks, removed):
    return [action for vmk in vmks for action in set_vmk(present, vmk, removed)]
