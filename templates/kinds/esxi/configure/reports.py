"""Tells the server what happens. A server that is away costs time, never the configuration."""

from urllib.parse import quote_plus

TRIES = 3
PAUSE = 5
LONGEST = 400


class Reports:
    def __init__(self, host, url):
        self.host = host
        self.url = url
        self.waiting = []

    def tell(self, text, errno=0, tries=TRIES):
        """What could not be told is told with the next one."""
        self.host.log('%s%s' % (text, ' (status %d)' % errno if errno else ''))
        if not self.url:
            return
        words = ' '.join(text.split())
        if len(words) > LONGEST:
            words = words[:LONGEST] + '...'
        joint = '&' if '?' in self.url else '?'
        self.waiting.append('%s%sstage=configure&errno=%d&text=%s' % (self.url, joint, errno, quote_plus(words)))
        while self.waiting and self.send(self.waiting[0], tries):
            self.waiting.pop(0)

    def send(self, url, tries):
        for left in range(tries - 1, -1, -1):
            if self.host.fetch(url):
                return True
            if left:
                self.host.sleep(PAUSE)
        return False
