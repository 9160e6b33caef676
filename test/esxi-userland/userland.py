"""One program that answers by the name it is called by: esxcli, vim-cmd, partedUtil and so on, or a script in /etc/init.d.

`ESXI_STATE` is the file with the host's state; each call reads it, does what ESXi would do or refuses what it would refuse,
and writes it back. `userland.py install DIR` makes a folder with all the names; `userland.py reaches ADDRESS` tells whether
the server could be reached.
"""

import fcntl
import json
import os
import sys

import tools
from machine import Refused
from world import reaches, settle


def main(argv):
    if os.path.basename(argv[0]) == 'userland.py' and argv[1:2] == ['install']:
        return install(argv[2])
    with open(os.environ['ESXI_STATE'], 'r+') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        state = json.load(file)
        settle(state)
        if argv[1:2] == ['reaches'] and os.path.basename(argv[0]) == 'userland.py':
            return 0 if reaches(state, argv[2]) else 1
        try:
            sys.stdout.write(tools.call(state, argv))
            status = 0
        except Refused as refused:
            print(refused)
            status = 1
        file.seek(0)
        file.truncate()
        json.dump(state, file, indent=1)
    return status


def install(root):
    """Below a folder: bin, sbin, etc/init.d, with links to this program."""
    here = os.path.abspath(__file__)
    for name in tools.PROGRAMS:
        if name != 'sh':
            link(here, root, 'sbin' if name == 'auto-backup.sh' else 'bin', name)
    for name in ('SSH', 'ESXShell') + tools.RESTARTED:
        link(here, root, 'etc/init.d', name)
    return 0


def link(here, root, folder, name):
    """A script rather than a link: what it is called by is kept, and Python finds the files beside this one."""
    os.makedirs(os.path.join(root, folder), exist_ok=True)
    path = os.path.join(root, folder, name)
    with open(path, 'w') as file:
        file.write('#!/bin/sh\nexec %s -S -c \'import sys; sys.path.insert(0, "%s"); import userland; '
                   'sys.exit(userland.main(["%s"] + sys.argv[1:]))\' "$@"\n'
                   % (sys.executable, os.path.dirname(here), '/' + os.path.join(folder, name)))
    os.chmod(path, 0o755)


if __name__ == '__main__':
    sys.exit(main(sys.argv))
