// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE's settings look like that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TemplateError } from '../../src/render/template-error.ts'
import { type Fixture, hostWith, installOf, requestFor, templatesOf } from './fixture.ts'

/** What a machine gets that waits, by the operator's own template. */
function render(fixture: Fixture, changes: Parameters<typeof requestFor>[0] = {}): string {
  return fixture.templates.bootScript(requestFor(changes))
}

/** The error of a template with this text. */
function errorOf(fixture: Fixture, changes: Parameters<typeof requestFor>[0] = {}): TemplateError {
  try {
    render(fixture, changes)
  } catch (error) {
    assert.ok(error instanceof TemplateError)
    return error
  }
  assert.fail('the template was rendered')
}

test('newlines stay, ampersands stay, quotes stay', (t) => {
  const text = "#!ipxe\necho <%= it.host.id %>\necho a & b < 'c' <%= 'x&y=1' %>\n\n"
  assert.equal(render(templatesOf(t, { 'operator/new.eta': text })), "#!ipxe\necho 7\necho a & b < 'c' x&y=1\n\n")
})

test('a missing value is an error that names it, the template and the line', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\n\necho <%= it.host.hostnam %>\n' })
  const error = errorOf(fixture)
  assert.equal(error.message, 'templates/new.eta:3: it.host.hostnam is undefined')
  assert.deepEqual([error.file, error.line, error.problem], ['templates/new.eta', 3, 'it.host.hostnam is undefined'])
})

test('a missing value is an error in raw output too', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\necho <%~ it.nothing %>\n' })
  assert.equal(errorOf(fixture).message, 'templates/new.eta:2: it.nothing is undefined')
})

test('a missing value that a helper is given is an error that names the helper', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\necho <%= ipxeText(it.host.metadata.rack) %>\n' })
  assert.equal(
    errorOf(fixture).message,
    'templates/new.eta:2: what ipxeText(...) is given is undefined, neither a text nor a number',
  )
})

test('a value of something missing is an error that shows the tag', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\necho <%= it.hots.id %>\n' })
  assert.match(
    errorOf(fixture).message,
    /^templates\/new\.eta:2: Cannot read properties of undefined .*, in echo <%= it\.hots\.id %>$/,
  )
})

test('an error in an included template names that one', (t) => {
  const fixture = templatesOf(t, {
    'operator/new.eta': "#!ipxe\n<%~ include('/parts/greeting', it) %>\n",
    'operator/parts/greeting.eta': 'echo hello\necho <%= it.nobody %>\n',
  })
  assert.equal(errorOf(fixture).message, 'templates/parts/greeting.eta:2: it.nobody is undefined')
})

test('an include that is not there is an error of the including template', (t) => {
  for (const name of ['/parts/none', './none', '../../../etc/passwd']) {
    const fixture = templatesOf(t, { 'operator/new.eta': `#!ipxe\n<%~ include('${name}', it) %>\n` })
    assert.equal(errorOf(fixture).message, `templates/new.eta:2: include of ${name}: there is no such template`)
  }
})

test('a template includes what lies beside it, and what the package brings', (t) => {
  const fixture = templatesOf(t, {
    'images/own/host.eta': "#!ipxe\n<%~ include('./banner', it) -%>\n<%~ include('/boot/ask-again', it) -%>\n",
    'images/own/banner.eta': 'echo <%= ipxeText(it.image.name) %>\n',
  })
  const script = fixture.templates.bootScript(installOf('own'))
  assert.match(script, /^#!ipxe\necho own\n# Back to the script/)
})

test("the operator's part replaces the package's", (t) => {
  const fixture = templatesOf(t, { 'operator/boot/known.eta': 'echo nothing to see\n' })
  assert.match(render(fixture), /^echo nothing to see$/m)
})

test('a mistake in the JavaScript is told with its line', (t) => {
  const text = '#!ipxe\necho 1\necho <%= it.host.id + %>\necho 2\n'
  const error = errorOf(templatesOf(t, { 'operator/new.eta': text }))
  assert.match(error.message, /^templates\/new\.eta:3: is not JavaScript: /)
})

test('a mistake in code over several lines is told with the line within it', (t) => {
  const text = '#!ipxe\n<%\nconst a = 1\nconst a = 2\n%>\necho 1\n'
  assert.match(
    errorOf(templatesOf(t, { 'operator/new.eta': text })).message,
    /^templates\/new\.eta:[34]: is not JavaScript/,
  )
})

test('a tag that is not closed is told with its line', (t) => {
  const error = errorOf(templatesOf(t, { 'operator/new.eta': '#!ipxe\necho\necho <%= it.host.id\n' }))
  assert.equal(error.message, 'templates/new.eta:3: unclosed tag')
})

test('a value that iPXE would act upon is refused, with the helper that writes it', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\necho <%= it.host.serial %>\n' })
  for (const serial of ['A || B', 'X ${net0/mac}', 'a\nchain http://evil', '#1']) {
    const { message } = errorOf(fixture, { host: hostWith({ serial }) })
    assert.match(
      message,
      /^templates\/new\.eta:2: it\.host\.serial: .*; for texts there is ipxeText\(\.\.\.\)$/,
      serial,
    )
  }
})

test('the helpers write what would be refused', (t) => {
  const text =
    '#!ipxe\necho <%= ipxeText(it.host.serial) %> <%= ipxeOptions(["quiet", "b=${uuid}"]) %> <%= ipxeWord("w") %>\n'
  const fixture = templatesOf(t, { 'operator/new.eta': text })
  assert.equal(
    render(fixture, { host: hostWith({ serial: 'A || ${B}' }) }),
    "#!ipxe\necho A '|| $ {B} quiet b=${uuid} w\n",
  )
})

test('an object is no text', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\necho <%= it.host.plan %>\n' })
  assert.equal(errorOf(fixture).message, 'templates/new.eta:2: it.host.plan: is object, neither a text nor a number')
})

test('a script that does not begin as one is never sent: a BIOS would run it as a program', (t) => {
  for (const text of ['echo hello\n', '', '\n#!ipxe\n', '#!ipxebad']) {
    const { message } = errorOf(templatesOf(t, { 'operator/new.eta': text }))
    assert.equal(message, 'templates/new.eta:1: the script does not begin with the line #!ipxe')
  }
})

test('an edited template counts after a second, and no file is looked at before', (t) => {
  const fixture = templatesOf(t, { 'operator/new.eta': '#!ipxe\necho one\n' })
  assert.match(render(fixture), /one/)
  fixture.write('operator/new.eta', '#!ipxe\necho two!\n')
  fixture.clock.now = 999
  assert.match(render(fixture), /one/)
  fixture.clock.now = 1000
  assert.match(render(fixture), /two!/)
})

test('a template that comes later is found', (t) => {
  const fixture = templatesOf(t)
  assert.match(render(fixture), /waits for an image/)
  fixture.write('operator/new.eta', '#!ipxe\necho mine\n')
  fixture.clock.now = 1000
  assert.match(render(fixture), /mine/)
})

test('all mistakes are found at once, before a machine finds them', (t) => {
  const { templates } = templatesOf(t, {
    'operator/a.eta': '<% if %>',
    'operator/deep/b.eta': '<%= x',
    'operator/fine.eta': 'x',
    'images/i/host.eta': '<%= ) %>',
    'images/i/post_install.eta': '<%= 1 %>',
    'images/i/tree/not-ours.eta': '<%= x',
  })
  const files = templates.checkAll().map((error) => error.file)
  assert.deepEqual(files.toSorted(), ['images/i/host.eta', 'templates/a.eta', 'templates/deep/b.eta'])
})

test("the package's own templates have no mistakes", (t) => {
  assert.deepEqual(templatesOf(t).templates.checkAll(), [])
})
