"""What can be done to the host. Each action can be shown, which is all that a dry run does, and done."""

import re


class Failed(Exception):
    """An action did not succeed. `status` is a program's exit status, or 1."""

    def __init__(self, text, status=1):
        Exception.__init__(self, text)
        self.status = status


def worded(failure):
    """A failure that nobody foresaw says little without its kind."""
    if isinstance(failure, Failed):
        return str(failure)
    return '%s: %s' % (type(failure).__name__, failure)


class Command:
    """A program with its arguments. Those in `secrets` are not shown."""

    def __init__(self, argv, secrets=()):
        self.argv = list(argv)
        self.secrets = tuple(secrets)

    def show(self):
        return ' '.join(quoted(self.hidden(word)) for word in self.argv)

    def hidden(self, word):
        for secret in self.secrets:
            word = word.replace(secret, '***')
        return word

    def do(self, host):
        status, output = host.run(self.argv)
        if status == 0:
            return
        words = self.hidden(' '.join(output.split()))
        raise Failed('%s: %s' % (self.show(), words or 'ended with status %d' % status), status)


class WriteFile:
    """A file's new content. It is written in place: ESXi keeps a file over a reboot by its sticky bit."""

    def __init__(self, path, content, mode=None):
        self.path = path
        self.content = content
        self.mode = mode

    def show(self):
        mode = '' if self.mode is None else ' (%04o)' % self.mode
        return 'write %s%s' % (self.path, mode)

    def do(self, host):
        try:
            host.write(self.path, self.content, self.mode)
        except OSError as error:
            raise Failed('%s: %s' % (self.path, error.strerror or error), error.errno or 1)


class ChangeFile:
    """A file that is read when its turn comes, since other actions before it change it. `change` makes new text of its text."""

    def __init__(self, path, why, change):
        self.path = path
        self.why = why
        self.change = change

    def show(self):
        return 'change %s: %s' % (self.path, self.why)

    def do(self, host):
        WriteFile(self.path, self.change(host.read(self.path) or '')).do(host)


class Step:
    """Actions with a name, by which the server is told of them."""

    def __init__(self, name, actions):
        self.name = name
        self.actions = list(actions)


def esxcli(words, *options, **kwargs):
    """`esxcli('network nic list')`; options are `('--name', value)` or whole words. `secrets=` as of Command."""
    argv = ['esxcli'] + words.split()
    for option in options:
        argv.append(option if isinstance(option, str) else '%s=%s' % option)
    return Command(argv, kwargs.get('secrets', ()))


def quoted(word):
    if re.match(r'[A-Za-z0-9_./:,=@%+*-]+$', word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"
