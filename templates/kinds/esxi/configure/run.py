"""One run: what is to be done, in order, each step told to the server."""

from actions import Command, Failed, esxcli, worded
from change_network import Cut, change_network
from datastores import plan_datastores
from logins import plan_logins, plan_services
from names import plan_hostname, plan_ntp, plan_syslog
from output import fields, truth
from plan_network import Plan
from read_network import read_network, read_nics
from reports import Reports
from settings import (
    plan_advanced, plan_certificate, plan_commands, plan_files, plan_kernel, plan_licence)
from wish_links import Problems
from wish_network import wish_network

# How often esxcli is waited for, and how long each time, in seconds.
STARTS = 36
PAUSE = 5

REBOOT = '/tmp/reboot-metalspray'

# Logins come first: whatever fails after them, the operator gets in.
BEFORE = (
    ('commands before', plan_commands('before')), ('host name', plan_hostname), ('logins', plan_logins),
    ('services', plan_services), ('advanced settings', plan_advanced), ('kernel settings', plan_kernel),
    ('licence', plan_licence), ('datastores', plan_datastores), ('files', plan_files))
AFTER = (('time servers', plan_ntp), ('logs', plan_syslog), ('commands after', plan_commands('after')))
LAST = (('certificate', plan_certificate),)


class Run:
    def __init__(self, host, config, patience):
        self.host = host
        self.config = config
        self.patience = patience
        server = config.get('server', {})
        self.health = server.get('health')
        self.boot_mac = config.get('boot_mac')
        self.reports = Reports(host, server.get('report'))
        self.changed = False
        self.failed = False
        self.reboot = False

    def plan(self):
        """What a run would do now, as pairs of a step's name and its actions. @raises Problems, Failed"""
        found = [(name, planner(self.host, self.config)) for name, planner in BEFORE]
        present = read_network(self.host)
        wish, notes = self.wish(present)
        found += [('note: ' + note, []) for note in notes]
        if wish is not None:
            found += [('network: ' + step.name, step.actions) for step in Plan(present, wish).steps()]
        found += [(name, planner(self.host, self.config)) for name, planner in AFTER + LAST]
        return [(name, actions) for name, actions in found if actions or name.startswith('note: ')]

    def wish(self, present):
        """The wished network, or None when nothing is said about it, and notes on it. @raises Problems"""
        if not any(self.config.get(key) for key in ('networks', 'portGroups', 'links', 'dns')):
            return None, []
        wish, notes = wish_network(self.config, read_nics(self.host), present)
        if not self.config.get('networks'):
            keep(wish, present)
        return wish, notes

    def apply(self):
        """Whether all went well."""
        if not self.wait():
            return False
        guarded = truth(fields(self.host.run(esxcli('network firewall get').argv)[1]).get('Enabled'))
        if guarded:
            # It lets out nothing but what its rules know, and they know web servers on ports 80 and 443 alone.
            self.host.run(esxcli('network firewall set', ('--enabled', 'false')).argv)
        try:
            self.work()
        finally:
            if guarded:
                self.host.run(esxcli('network firewall set', ('--enabled', 'true')).argv)
        return not self.failed

    def wait(self):
        """The daemon behind esxcli may need a while after the start of the host."""
        for left in range(STARTS - 1, -1, -1):
            status, output = self.host.run(esxcli('system version get').argv)
            if status == 0:
                return True
            if left:
                self.host.sleep(PAUSE)
        self.fail('esxcli does not answer: ' + ' '.join(output.split()), status)
        return False

    def work(self):
        wish = present = None
        notes = []
        try:
            present = read_network(self.host)
            wish, notes = self.wish(present)
        except Problems as problems:
            # What can be done is done: an operator who can log in can help.
            self.fail('network: %s; it is as it was' % problems)
        except Exception as failure:
            self.fail('network: %s; it is as it was' % worded(failure))
        self.attempt(BEFORE)
        try:
            if wish is not None and change_network(self, wish, present):
                for note in notes:
                    self.reports.tell('note: ' + note)
                self.reports.tell('network: done')
            self.attempt(AFTER)
        except Cut as cut:
            self.fail('network: %s' % cut)
        self.attempt(LAST)
        if self.changed:
            self.end()

    def end(self):
        try:
            self.act(Command(['/sbin/auto-backup.sh']))
            if self.reboot:
                self.host.write(REBOOT, 'what was changed counts from the next start on\n')
        except Failed as failure:
            self.fail(str(failure))
        self.reports.tell('ended, with failures' if self.failed else 'done', 1 if self.failed else 0)

    def attempt(self, steps):
        """A step that fails is told, and the others are done: the more of the host is right the better."""
        for name, planner in steps:
            try:
                actions = planner(self.host, self.config)
                for action in actions:
                    self.act(action)
                if actions:
                    self.reports.tell('%s: done' % name)
            except Exception as failure:
                self.fail('%s: %s' % (name, worded(failure)), getattr(failure, 'status', 1))

    def do(self, step):
        for action in step.actions:
            self.act(action)

    def act(self, action):
        self.host.log(action.show())
        self.changed = True
        action.do(self.host)
        self.reboot = self.reboot or getattr(action, 'reboot', False)

    def fail(self, text, status=1):
        self.failed = True
        self.reports.tell(text, status)


def keep(wish, present):
    """Without networks of its own a configuration adds to what is there."""
    for name, switch in present.switches.items():
        if name not in wish.switches:
            wish.switches[name] = switch
    for name, group in present.groups.items():
        wish.groups.setdefault(name, group)
    wish.vmks = present.vmks
    wish.routes = present.routes
