"""Changes the network, and takes the change back when something fails or the server cannot be reached any more."""

from actions import Failed, worded
from plan_network import Plan
from read_network import read_network, read_nics
from wish_network import wish_network

PATIENCE = 90
PAUSE = 5


class Cut(Exception):
    """The change did not work and has been taken back."""


def change_network(run, wish, present):
    """`run` is the run that this is part of. @raises Cut. Returns whether anything was changed."""
    plan = Plan(present, wish)
    if plan.is_empty():
        return False
    run.reports.tell('network: is changed now')
    try:
        for step in plan.steps(run.host):
            run.do(step)
    except Exception as failure:
        # Not Failed alone: a defect of this program must not leave a host without a network either.
        raise Cut('%s; %s' % (worded(failure), go_back(run, present)))
    if not is_reachable(run):
        text = 'the server was not reached within %d seconds after the change' % run.patience
        raise Cut('%s; %s' % (text, go_back(run, present)))
    return True


def is_reachable(run):
    if not run.health:
        return True
    deadline = run.host.now() + run.patience
    while not run.host.reaches(run.health):
        if run.host.now() >= deadline:
            return False
        run.host.sleep(PAUSE)
    return True


def go_back(run, before):
    """To the state before; if the server is not reached from there either, to DHCP on the card that booted. Says where that led."""
    run.host.log('goes back')
    words = 'the network is as it was' if restore(run, before, True) else 'not all of the network could be put back'
    if is_reachable(run) or not run.boot_mac:
        return words
    run.host.log('goes to DHCP on ' + run.boot_mac)
    config = {
        'links': [{'type': 'nic', 'name': 'boot', 'mac': run.boot_mac}],
        'networks': [{'link': 'boot', 'method': 'dhcp', 'management': True}],
    }
    try:
        wish, _ = wish_network(config, read_nics(run.host), before)
        restore(run, wish, False)
        is_reachable(run)
        return 'the network is DHCP on %s, since the server was not reached with the one before either' % run.boot_mac
    except Exception as failure:
        return '%s; %s' % (words, worded(failure))


def restore(run, wish, strict):
    """As far as it goes: one action that fails must not keep the others from bringing the host back. Whether all went well."""
    good = True
    try:
        for step in Plan(read_network(run.host), wish, strict).steps(run.host):
            for action in step.actions:
                try:
                    run.act(action)
                except Failed as failure:
                    run.host.log(str(failure))
                    good = False
    except Exception as failure:
        run.host.log(worded(failure))
        good = False
    return good
