"""Questions to the host's tools."""

from actions import Failed, esxcli
from output import fields


def ask(host, words, *options):
    """What esxcli prints. @raises Failed"""
    command = esxcli(words, *options)
    status, output = host.run(command.argv)
    if status != 0:
        raise Failed('%s: %s' % (command.show(), ' '.join(output.split())), status)
    return output


def ask_anyhow(host, words, *options):
    """The same for what not every release has: empty text instead of a failure."""
    status, output = host.run(esxcli(words, *options).argv)
    return output if status == 0 else ''


def release(host):
    """ESXi's version as numbers, (8, 0, 3)."""
    version = fields(ask(host, 'system version get')).get('Version', '')
    return tuple(int(part) for part in version.split('.') if part.isdigit()) or (0,)
