import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { Pages } from '../../src/render/html.ts'
import { htmlText } from '../../src/render/quote-files.ts'

const UNTRUSTED = '<script>alert("x")</script>'

test('what a machine or a person wrote is text in a page, also in an attribute', (t) => {
  const pages = pagesWith(t, { hello: '<p title="<%= it.name %>"><%= it.name %></p>' })
  const page = pages.render('hello', { name: UNTRUSTED })
  assert.equal(page.match(/</g)?.length, 2, page)
  assert.doesNotMatch(page, /"x"/)
})

test('a page may stand in a layout, which is given the rest of its data', (t) => {
  const pages = pagesWith(t, {
    outer: '<title><%= it.title %></title><%~ it.body %>',
    inner: "<% layout('/pages/outer', { title: it.name + '!' }) %><p><%= it.name %></p>",
  })
  assert.equal(pages.render('inner', { name: 'a&b' }), '<title>a&#38;b!</title><p>a&#38;b</p>')
})

test('a missing value is an error that names it and its place', (t) => {
  const pages = pagesWith(t, { hello: '<p>\n<%= it.name %></p>' })
  assert.throws(() => pages.render('hello', {}), /hello\.eta.*2.*it\.name is undefined/)
})

test('no text leaves its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(htmlText(text), /[<>"'\u0000-\u0008\u000b-\u001f\u007f-\u009f]|&(?!#\d+;)/)
    }),
  )
})

function pagesWith(t: TestContext, templates: Readonly<Record<string, string>>): Pages {
  const directory = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'pages'))
  for (const [name, text] of Object.entries(templates)) writeFileSync(join(directory, 'pages', `${name}.eta`), text)
  return new Pages(directory, () => 0)
}
