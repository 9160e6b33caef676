"""The host as this program sees it: programs to run, files, the server, the time. Tests put another one in its place."""

import os
import ssl
import subprocess
import time
from urllib import error, request

LOG = '/var/log/metalspray.log'


class Host:
    def __init__(self, root=''):
        self.root = root
        os.environ['PATH'] = os.environ.get('PATH', '') + ':/bin:/sbin:/usr/bin:/usr/sbin'

    def run(self, argv):
        """The exit status and what the program wrote, to both of its outputs."""
        # With a root of its own, what is called by its whole path is there as well.
        words = [self.root + argv[0] if argv[0].startswith('/') else argv[0]] + argv[1:]
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except OSError as failure:
            return 127, '%s: %s' % (argv[0], failure.strerror)
        output = process.communicate()[0].decode('utf-8', 'replace')
        return process.returncode, output

    def read(self, path):
        """A file's text, or None when it is not there."""
        try:
            with open(self.root + path, encoding='utf-8', errors='surrogateescape') as file:
                return file.read()
        except FileNotFoundError:
            return None

    def mode(self, path):
        return os.stat(self.root + path).st_mode & 0o7777

    def write(self, path, content, mode=None):
        real = self.root + path
        folder = os.path.dirname(real)
        if folder and not os.path.isdir(folder):
            os.makedirs(folder)
        # A file with secrets must not be there for all to read even for a moment.
        if mode is not None and not os.path.exists(real):
            os.close(os.open(real, os.O_CREAT | os.O_WRONLY, mode & 0o700))
        with open(real, 'w', encoding='utf-8', errors='surrogateescape') as file:
            file.write(content)
        if mode is not None:
            os.chmod(real, mode)

    def fetch(self, url):
        """Whether the server heard it. An answer that refuses is an answer."""
        return (self.answer(url) or 500) < 500

    def reaches(self, url):
        """Whether anything answers, however it feels."""
        return self.answer(url) is not None

    def answer(self, url):
        """The status of an answer, or None."""
        try:
            # The server has the certificate of its own choice; nothing secret is sent.
            return request.urlopen(url, timeout=10, context=ssl._create_unverified_context()).getcode()
        except error.HTTPError as refused:
            return refused.code
        except (OSError, ValueError):
            return None

    def now(self):
        return time.monotonic()

    def sleep(self, seconds):
        time.sleep(seconds)

    def log(self, text):
        line = '%s %s\n' % (time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), text)
        try:
            with open(self.root + LOG, 'a', encoding='utf-8', errors='replace') as file:
                file.write(line)
        except OSError:
            pass
