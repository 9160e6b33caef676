"""Options of esxcli's commands, and esxcli's way to refuse them."""

import ipaddress
import re

from machine import Refused


class Option:
    """`kind`: str, int, bool, ip4, ip6. `many`: may stand more than once."""

    def __init__(self, name, short, required=False, kind='str', many=False):
        self.name = name
        self.short = short
        self.required = required
        self.kind = kind
        self.many = many

    def value(self, text):
        try:
            return getattr(self, 'as_' + self.kind)(text)
        except ValueError:
            raise Refused('Error: Invalid value %s for option --%s' % (text, self.name))

    def as_str(self, text):
        return text

    def as_int(self, text):
        if not re.match(r'-?\d+$', text):
            raise ValueError(text)
        return int(text)

    def as_bool(self, text):
        if text.lower() in ('true', 'yes', '1', 'on'):
            return True
        if text.lower() in ('false', 'no', '0', 'off'):
            return False
        raise ValueError(text)

    def as_ip4(self, text):
        return str(ipaddress.IPv4Address(text))

    def as_ip6(self, text):
        return str(ipaddress.IPv6Interface(text))


def parse(options, words):
    """Values by name, dashes as underscores; what was not given is None."""
    values = dict((option.name, [] if option.many else None) for option in options)
    given = list(words)
    while given:
        word = given.pop(0)
        name, equals, text = word.partition('=')
        option = next((each for each in options if name in ('--' + each.name, '-' + each.short)), None)
        if option is None:
            raise Refused('Error: Invalid option %s' % name)
        if not equals:
            if not given:
                raise Refused('Error: option %s requires an argument' % name)
            text = given.pop(0)
        if option.many:
            values[option.name].append(option.value(text))
        elif values[option.name] is not None:
            raise Refused('Error: option %s given twice' % name)
        else:
            values[option.name] = option.value(text)
    for option in options:
        if option.required and values[option.name] in (None, []):
            raise Refused('Error: Missing required parameter -%s|--%s' % (option.short, option.name))
    return dict((name.replace('-', '_'), value) for name, value in values.items())


# What can be called, by its words: (function, options).
COMMANDS = {}


def esxcli(words, *options):
    """Registers a function of the state and the options' values, which returns what is printed."""
    def register(function):
        COMMANDS[words] = (function, options)
        return function
    return register


def call(state, words):
    for length in range(len(words), 0, -1):
        found = COMMANDS.get(' '.join(words[:length]))
        if found is not None:
            function, options = found
            return function(state, **parse(options, words[length:])) or ''
    raise Refused('Error: Unknown command or namespace %s' % ' '.join(words))
