"""esxcli's two forms of output: tables with dashes under the titles, and names with indented fields."""


def table(titles, rows, numbers=()):
    """Columns are as wide as their widest text; numbers stand to the right."""
    texts = [[show(value) for value in row] for row in rows]
    widths = [max([len(title)] + [len(row[index]) for row in texts]) for index, title in enumerate(titles)]
    lines = ['  '.join(title.ljust(width) for title, width in zip(titles, widths)).rstrip()]
    lines.append('  '.join('-' * width for width in widths))
    for row in texts:
        cells = [
            text.rjust(width) if title in numbers else text.ljust(width)
            for title, text, width in zip(titles, row, widths)]
        lines.append('  '.join(cells).rstrip())
    return '\n'.join(lines) + '\n'


def fields(pairs):
    return ''.join('   %s: %s\n' % (key, show(value)) for key, value in pairs)


def blocks(pairs):
    return '\n'.join('%s\n%s' % (name, fields(values)) for name, values in pairs)


def show(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, list):
        return ', '.join(value)
    return str(value)
