"""Gathers a Python that can run some programs and nothing else: `gather-python.py TARGET FOLDER MODULE ...`.

Below TARGET comes all that the modules of FOLDERs (a list with colons) and what they import need: the interpreter, its libraries, the
standard library compiled. What is needed is what is there after the import, and after one request, which imports more.
"""

import os
import py_compile
import shutil
import sys

sys.dont_write_bytecode = True
TARGET = sys.argv[1]
sys.path[:0] = sys.argv[2].split(':')
OWN = tuple(os.path.abspath(folder) + '/' for folder in sys.argv[2].split(':'))

# What Python itself imports when it starts, or runs a folder.
import encodings.ascii, encodings.idna, encodings.latin_1, encodings.utf_8, importlib.util, pkgutil, runpy, site  # noqa

for name in sys.argv[3:]:
    __import__(name)
sys.modules['host'].Host().reaches('http://127.0.0.1:9/')


def place(path):
    full = TARGET + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def main():
    for module in list(sys.modules.values()):
        path = getattr(module, '__file__', None)
        # Python does without packers of files.
        if not path or path.startswith(OWN) or path == os.path.abspath(__file__) or '_bz2' in path or '_lzma' in path:
            continue
        if path.endswith('.py'):
            py_compile.compile(
                path, place(path + 'c'), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        else:
            shutil.copyfile(path, place(path))
    shutil.copyfile(os.path.realpath(sys.executable), place('/usr/bin/python3'))
    for path in sorted(libraries()):
        # They are looked for by their first number: libexpat.so.1 of libexpat.so.1.8.10.
        name = os.path.basename(path)
        base, _, version = name.partition('.so.')
        if name.startswith('ld-'):
            shutil.copyfile(path, place('/lib64/' + name))
        elif base not in ('libbz2', 'liblzma'):
            shutil.copyfile(path, place('/lib/x86_64-linux-gnu/%s.so.%s' % (base, version.split('.')[0])))


def libraries():
    with open('/proc/self/maps') as maps:
        return {line.split(None, 5)[5].strip() for line in maps if '.so.' in line}


main()
