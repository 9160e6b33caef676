import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = globSync('**/*.md', { cwd: root, exclude: (name) => /^(node_modules|\.git|\.cache|dist)$/.test(name) })

for (const page of pages) {
  test(`every link in ${page} leads somewhere`, () => {
    for (const { file, anchor } of linksIn(page)) {
      const target = file === '' ? page : relative(root, join(root, dirname(page), file))
      const text = readTarget(target)
      assert.notEqual(text, undefined, `${page} links to ${target}, which is not there`)
      if (anchor !== undefined && text !== undefined) {
        assert.ok(anchorsIn(text).includes(anchor), `${page} links to ${target}#${anchor}: no such heading`)
      }
    }
  })
}

interface Link {
  readonly file: string
  readonly anchor: string | undefined
}

function linksIn(page: string): Link[] {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'))
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => ({ file: target.split('#')[0] ?? '', anchor: target.split('#')[1] }))
}

/** The text of a page; empty for a folder or another file, `undefined` when there is nothing. */
function readTarget(path: string): string | undefined {
  try {
    statSync(join(root, path))
    return path.endsWith('.md') ? readFileSync(join(root, path), 'utf8') : ''
  } catch {
    return undefined
  }
}

/** The anchors of a page's headings, as code forges make them. */
function anchorsIn(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ +(.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '')
}
