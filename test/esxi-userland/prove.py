"""Runs the configuration program on simulated hosts, many in one process: `prove.py PROGRAM <cases.json`.

A case: `nics`, `host` (what differs from a host after its installer), `config`, `server` (its address),
`earlier` (a configuration that the host got before). What comes out for each: the
plan, what was done in the first and the second run, what the server was told, the state after the first run, the log.
"""

import copy
import io
import json
import sys
from contextlib import redirect_stdout

import files
import machine
import tools
from machine import Refused
from world import reaches, settle

PATIENCE = 90


class SimulatedHost:
    """What the program's own `Host` offers, on a state. Time passes only when somebody sleeps."""

    def __init__(self, state, server):
        self.state = state
        self.server = server
        self.time = 0.0
        self.told = []
        self.lines = []
        self.asked = 0

    def run(self, argv):
        self.time += 0.1
        try:
            return 0, tools.call(self.state, argv)
        except Refused as refused:
            return 1, '%s\n' % refused

    def read(self, path):
        return files.read(self.state, path)

    def mode(self, path):
        return self.state['files'][path]['mode']

    def write(self, path, content, mode=None):
        files.write(self.state, path, content, mode)

    def fetch(self, url):
        if self.server is not None and not reaches(self.state, self.server):
            self.time += 10
            return False
        if url.startswith('report'):
            self.told.append(url)
        return True

    def reaches(self, url):
        return self.fetch(url)

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds

    def log(self, text):
        self.lines.append(text)


def run_case(case, program):
    state = machine.installed(copy.deepcopy(case['nics']), copy.deepcopy(case.get('host', {})))
    settle(state)
    config = dict(case['config'])
    config.setdefault('server', {'report': 'report', 'health': 'health'})
    config.setdefault('boot_mac', case['nics'][0]['mac'])
    if 'earlier' in case:
        apply(program, state, dict(config, **case['earlier']), None)
    before = copy.deepcopy(state)
    planned = plan(program, copy.deepcopy(state), config, case.get('server'))
    first = apply(program, state, config, case.get('server'))
    after = copy.deepcopy(state)
    second = apply(program, state, config, case.get('server'))
    return {'name': case['name'], 'plan': planned, 'first': first, 'second': second, 'before': before, 'after': after,
            'again': state}


def plan(program, state, config, server):
    # A copy: whether planning changed anything can be seen.
    was = copy.deepcopy(state)
    run = program.Run(SimulatedHost(state, server), config, PATIENCE)
    output = io.StringIO()
    try:
        with redirect_stdout(output):
            for _, actions in run.plan():
                for action in actions:
                    print(action.show())
        problem = None
    except Exception as error:
        problem = str(error)
    return {'commands': output.getvalue().splitlines(), 'problem': problem, 'changed': dict(was, fail=0) != dict(state, fail=0)}


def apply(program, state, config, server):
    host = SimulatedHost(state, server)
    run = program.Run(host, config, PATIENCE)
    done = []
    act = run.act

    def watched(action):
        done.append(action.show())
        act(action)

    run.act = watched
    ok = run.apply()
    return {'ok': ok, 'commands': done, 'told': host.told, 'log': host.lines, 'seconds': round(host.time),
            'waiting': run.reports.waiting}


def main():
    sys.path.insert(0, sys.argv[1])
    import run as program
    sys.dont_write_bytecode = True
    json.dump([run_case(case, program) for case in json.load(sys.stdin)], sys.stdout)


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    main()
