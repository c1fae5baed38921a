import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocks, blocksIn, refreshed } from './reference/blocks.ts'
import { documents, root } from './reference/documents.ts'

const texts = new Map(documents().map((path) => [path, readFileSync(join(root, path), 'utf8')]))

describe('The documents', () => {
  it('are there', () => {
    expect([...texts.keys()]).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/README.md']))
  })

  it('link to what exists', () => {
    const broken = Array.from(texts).flatMap(([path, text]) =>
      linksOf(text)
        .filter((link) => !leadsSomewhere(path, link))
        .map((link) => `${path} → ${link}`),
    )
    expect(broken).toEqual([])
  })

  it('name no place on the machine they were written on', () => {
    for (const [path, text] of texts) {
      expect({ path, places: text.match(/(?<![\w.])\/(?:home|root|Users|tmp)\/\S*/g) }).toEqual({ path, places: null })
      expect(text).not.toContain(root)
    }
  })

  it('say what the code says: after a change, `npm run docs`', () => {
    for (const [path, text] of texts) expect({ path, text }).toEqual({ path, text: refreshed(text) })
  })

  it('hold every generated block', () => {
    expect(new Set(Array.from(texts.values()).flatMap(blocksIn))).toEqual(new Set(Object.keys(blocks)))
  })

  it('are all reachable from the index', () => {
    const reached = new Set(['docs/README.md'])
    for (const path of reached) {
      for (const link of linksOf(texts.get(path) ?? '')) {
        const target = targetOf(path, link)
        if (texts.has(target)) reached.add(target)
      }
    }
    expect(Array.from(texts.keys()).filter((path) => !reached.has(path))).toEqual([])
  })

  it('find a broken link and a stale block where there is one', () => {
    expect(leadsSomewhere('README.md', 'docs/no-such-page.md')).toBe(false)
    expect(leadsSomewhere('README.md', 'docs/README.md#no-such-heading')).toBe(false)
    expect(refreshed('<!-- generated: metrics -->\nold\n<!-- end -->')).toContain('millrace_freshness_seconds')
    expect(() => refreshed('<!-- generated: no-such-block -->\n<!-- end -->')).toThrow('no code makes')
  })
})

/** Relative links and images outside code; those to other sites are not ours to check. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  const links = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), (match) => match[1] ?? '')
  return links.filter((link) => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const target = targetOf(from, link)
  if (!existsSync(join(root, target))) return false
  const heading = link.split('#')[1]
  return heading === undefined || headingsOf(readFileSync(join(root, target), 'utf8')).includes(heading)
}

function targetOf(from: string, link: string): string {
  const [path = ''] = link.split('#')
  return path === '' ? from : normalize(join(dirname(from), path))
}

/** Headings as the names GitHub gives them. */
function headingsOf(text: string): string[] {
  return Array.from(text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm), (match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
