"""Reads what esxcli prints: its text, which all releases from 6.5 on have alike (JSON came later)."""

import re


def table(text):
    """Rows as dicts by the columns' titles. The dashes under the titles say where each column is."""
    lines = text.splitlines()
    for index, line in enumerate(lines[1:], 1):
        if re.match(r'\s*-+(\s+-+)*\s*$', line):
            spans = [match.span() for match in re.finditer(r'-+', line)]
            # The last column has no end: nothing stands behind it.
            spans[-1] = (spans[-1][0], None)
            titles = [lines[index - 1][start:end].strip() for start, end in spans]
            rows = [row for row in lines[index + 1:] if row.strip()]
            return [dict(zip(titles, [row[start:end].strip() for start, end in spans])) for row in rows]
    return []


def fields(text):
    """`Key: value` lines as a dict."""
    found = {}
    for line in text.splitlines():
        key, colon, value = line.partition(':')
        if colon and key.strip() not in found:
            found[key.strip()] = value.strip()
    return found


def blocks(text):
    """Lists of things: a line with the name of each, its fields indented below. Pairs, in the order of the text."""
    found = []
    for line in text.splitlines():
        if line.strip() and not line[0].isspace():
            found.append((line.strip().rstrip(':'), []))
        elif found:
            found[-1][1].append(line)
    return [(name, fields('\n'.join(lines))) for name, lines in found]


def words(text):
    """`a, b` as a list."""
    return [word.strip() for word in (text or '').split(',') if word.strip()]


def truth(text):
    return (text or '').lower() in ('true', 'yes', '1', 'on')


def number(text, otherwise=0):
    return int(text) if re.match(r'-?\d+$', text or '') else otherwise
