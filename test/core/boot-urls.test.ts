import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bootUrls, treeUrl } from '../../src/core/boot-urls.ts'

const URLS = bootUrls('http://10.77.0.1:5000', 7, 'abc')

test('a boot is told addresses of its own, and the two that KIWIspray’s installers know', () => {
  assert.deepEqual(URLS, {
    base: 'http://10.77.0.1:5000',
    boot: 'http://10.77.0.1:5000/b/abc',
    finish: 'http://10.77.0.1:5000/b/abc/finish',
    fail: 'http://10.77.0.1:5000/b/abc/fail',
    report: 'http://10.77.0.1:5000/b/abc/report',
    tree: 'http://10.77.0.1:5000/b/abc/tree',
    postInstall: 'http://10.77.0.1:5000/post-install?id=7&bootid=abc',
  })
})

test('a file’s address leads to that file, whatever its name is', () => {
  assert.equal(treeUrl(URLS, 'efi/boot/boot x64.efi'), 'http://10.77.0.1:5000/b/abc/tree/efi/boot/boot%20x64.efi')
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.{1,2}$|\//.test(text))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (names) => {
      const { origin, pathname, search, hash } = new URL(treeUrl(URLS, names.join('/')))
      assert.deepEqual([origin, search, hash], ['http://10.77.0.1:5000', '', ''])
      assert.deepEqual(pathname.split('/').slice(4).map(decodeURIComponent), names)
    }),
  )
})
