"""Makes the host what host-config.json says: `python configure apply|plan [--config FILE]`.

`plan` (or `--dry-run`) prints what `apply` would do and changes nothing. It ends with 0 when all went well, 1 when something
failed (the log and the server know what), 2 when it was called wrongly. Its Python is 3.5, which ESXi 6.5 has.
"""

import argparse
import json
import os
import sys

from actions import Failed
from change_network import PATIENCE
from host import Host
from run import Run
from wish_links import Problems

CONFIG = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'host-config.json')


def main(words):
    parser = argparse.ArgumentParser(prog='configure', description=__doc__.split('\n')[0])
    parser.add_argument('command', choices=('apply', 'plan'), nargs='?', default='apply')
    parser.add_argument('--dry-run', action='store_true', help='the same as plan')
    parser.add_argument('--config', default=CONFIG, help='default: %(default)s')
    parser.add_argument('--patience', type=float, default=PATIENCE, metavar='SECONDS',
                        help='how long the server may be out of reach after the change (default: %(default)s)')
    parser.add_argument('--root', default='', help='where the files of the host are, for tests')
    options = parser.parse_args(words)
    try:
        with open(options.config, encoding='utf-8') as file:
            config = json.load(file)
    except (OSError, ValueError) as error:
        sys.stderr.write('configure: %s: %s\n' % (options.config, error))
        return 2
    run = Run(Host(options.root), config, options.patience)
    if options.dry_run or options.command == 'plan':
        return show(run)
    return 0 if run.apply() else 1


def show(run):
    try:
        for name, actions in run.plan():
            print('# %s' % name)
            for action in actions:
                print(action.show())
    except (Problems, Failed) as failure:
        sys.stderr.write('configure: %s\n' % failure)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
