import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type Page,
  type Request,
  type Response,
} from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'
import { startStandalone, type Standalone } from './standalone.ts'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const absent = existsSync(executablePath) ? undefined : `no browser at ${executablePath}; CHROMIUM names another`
if (absent !== undefined) {
  if (process.env['REQUIRE_BROWSER'] === '1') throw new Error(`REQUIRE_BROWSER=1, but ${absent}`)
  process.stderr.write(`The console is not tested: ${absent}\n`)
}

const quietly = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']
const hostile = `<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>`
const titles = ['Alien (1979)', hostile, ...Array.from({ length: 22 }, (_, n) => `Film number ${n}`)]
/** Whatever is read on the page, by selector. */
const texts = (
  'h1|.summary|.card .open|.year|.genres|.reason|.meters dt|.meters b|.act|.sum th|.badge|.chip|' +
  '.chip[aria-pressed=true]|.row .quiet|.tag|#freshness|.plain|.avatar|.tile .quiet|#model b'
).split('|')
const key = 'a-key-of-the-test'

describe.skipIf(absent !== undefined)('The console', () => {
  let folder: string
  let browser: Browser
  let open: Standalone
  let guarded: Standalone
  const pages: { readonly page: Page; readonly faults: readonly string[] }[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-console-'))
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-sync', ...quietly],
    })
    open = await start('open', '')
    guarded = await start('guarded', key)
    await fill(open.url)
    await open.caughtUp()
  })

  afterEach(async () => {
    for (const { page, faults } of pages.splice(0)) {
      await page.context().close()
      if (faults.length > 0) throw new Error(`The page complained: ${faults.join('; ')}`)
    }
  })

  afterAll(async () => {
    await browser?.close()
    await open?.close()
    await guarded?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function start(name: string, apiKeys: string): Promise<Standalone> {
    const flags = { dataDir: join(folder, name), port: 0, trainCron: '', apiKeys }
    return startStandalone(loadConfig({ env: {}, flags }))
  }

  /** A page on its own, once it shows a list. Whatever it complains about fails the test, but for `expected`. */
  async function visit(path: string, options: BrowserContextOptions & { expected?: RegExp } = {}): Promise<Page> {
    const { expected, ...context } = options
    const page = await (await browser.newContext({ reducedMotion: 'reduce', ...context })).newPage()
    const faults: string[] = []
    const note = (text: string) => void (expected?.test(text) === true ? undefined : faults.push(text))
    page.on('pageerror', (error) => note(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') note(message.text())
    })
    pages.push({ page, faults })
    await page.goto(path)
    return page
  }

  async function visitUser(user: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await visit(`${open.url}/?user=${user}`, options)
    await page.waitForSelector('.card:not(.waiting)')
    return page
  }

  it('shows the history of a chosen user, and recommendations with their reasons', async () => {
    const page = await visitUser('ann')
    expect(await page.locator('h1').textContent()).toBe('Picked for ann')
    expect(await page.locator('#history .row').count()).toBe(4)
    expect(await page.locator('#history .row').first().textContent()).toContain('Alien')
    const first = page.locator('.card').first()
    expect(await first.locator('.reason').textContent()).not.toBe('')
    const addends = await first.locator('.sum tbody .addend .value').allTextContents()
    const score = await first.locator('.sum tfoot .value').textContent()
    const sum = addends.map(numberOf).reduce((total, addend) => total + addend, 0)
    expect(Math.abs(sum - numberOf(score ?? ''))).toBeLessThan(0.001 * (addends.length + 1))
    expect(await page.locator('#trending .tile').count()).toBeGreaterThan(3)
    expect(await page.locator('#model').textContent()).toContain('none yet')
  })

  it('answers a like with another list, without a reload, and says how long that took', async () => {
    const page = await visitUser('ann')
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    const liked = (await page.locator('.card .open').nth(1).textContent()) ?? ''
    await page.locator('.card .act.like').nth(1).click()
    await page.waitForFunction(() => /^\d/.test(document.querySelector('#freshness b')?.textContent ?? ''))
    await page.waitForSelector('#history .row.fresh')
    expect(await page.locator('#history .row').first().textContent()).toContain(liked)
    expect(await page.locator('#history .row').first().textContent()).toContain('Liked')
    expect(await page.locator('.card .open').allTextContents()).not.toContain(liked)
    expect(await page.locator('#live').textContent()).toContain('Liked')
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  it('sends which recommendation a click answers to', async () => {
    const page = await visitUser('ben')
    const isList = (response: Response) => response.url().includes('/recommendations?')
    const [answer] = await Promise.all([page.waitForResponse(isList), page.reload()])
    const { requestId } = await answer.json()
    await page.waitForSelector('.card:not(.waiting)')
    const isSent = (request: Request) => request.method() === 'POST'
    const click = page.waitForRequest(isSent)
    await page.locator('.card .open').nth(2).click()
    const attribution = { requestId, position: 2 }
    expect((await click).postDataJSON()).toMatchObject({ userId: 'ben', type: 'click', attribution })
    await page.waitForSelector('#panel[open] .row')
    await page.waitForSelector('#history .row.fresh', { state: 'attached' })
    const like = page.waitForRequest(isSent)
    await page.locator('#panel .act.like').click()
    expect((await like).postDataJSON()).toMatchObject({ type: 'like', attribution })
    await page.waitForFunction(() => document.querySelector('#history .row')?.textContent?.includes('Liked'))
  })

  it('is used by keyboard alone', async () => {
    const page = await visitUser('cid')
    const press = async (...keys: string[]) => {
      for (const each of keys) await page.keyboard.press(each)
    }
    await press('Tab', 'Enter', 'Tab', 'Enter')
    await page.waitForSelector('#panel[open]')
    await page.waitForSelector('#history .row.fresh', { state: 'attached' })
    await press('Escape')
    await page.waitForFunction(
      () => document.querySelector('#panel:not([open])') && document.activeElement?.closest('main'),
    )
    await page.locator('.card .open').nth(3).focus()
    await press('Tab', 'Tab', 'Space')
    await page.waitForFunction(() => document.querySelector('#history .row')?.textContent?.includes('Disliked'))
    const focused = await page.evaluate(() => document.activeElement?.className)
    expect(focused).toContain('dislike')

    await page.getByRole('combobox').focus()
    await page.keyboard.type('an')
    await press('ArrowDown', 'Enter')
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Picked for ann')
    expect(new URL(page.url()).searchParams.get('user')).toBe('ann')
  })

  it('welcomes a new visitor with what trends', async () => {
    const page = await visitUser('ann')
    await page.getByRole('button', { name: 'A new visitor' }).click()
    await page.waitForSelector('.badge')
    expect(await page.locator('.badge').textContent()).toBe('First visit')
    expect(await page.locator('.card').first().locator('.reason').textContent()).toBe('Trending now')
    expect(new URL(page.url()).searchParams.get('user')).toMatch(/^guest-/)
  })

  it.each([360, 768])('never scrolls sideways at %i pixels', async (width) => {
    const page = await visitUser('ann', { viewport: { width, height: 740 } })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await page.locator('.card .open').first().click()
    await page.waitForSelector('#panel[open] .row')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })

  it.each(['light', 'dark'] as const)('can be read in the %s', async (colorScheme) => {
    const page = await visitUser('ann', { colorScheme })
    const ratios = await page.evaluate(contrasts, texts)
    expect(ratios.length).toBe(texts.length)
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([])
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(ground).toBe(colorScheme === 'dark' ? 'rgb(14, 20, 20)' : 'rgb(245, 247, 247)')
  })

  it('shows a hostile title as the text it is', async () => {
    const page = await visitUser('dan')
    const entry = page.locator('#history .row', { hasText: 'onerror' })
    expect(await entry.locator('.open').textContent()).toBe(hostile)
    await entry.locator('.open').click()
    await page.waitForSelector('#panel[open] .row')
    expect(await page.locator('#panel-title').textContent()).toBe(hostile)
    expect(await page.evaluate(() => 'harmed' in window)).toBe(false)
    expect(await page.locator('img[src=x]').count()).toBe(0)
  })

  it('is kind when the server is out of reach, and goes on by itself', async () => {
    const page = await visit(`${open.url}/?user=hal`, { expected: /ERR_INTERNET_DISCONNECTED/ })
    await page.waitForSelector('.card:not(.waiting)')
    await page.context().setOffline(true)
    await page.locator('.card .act.like').first().click()
    await page.waitForSelector('#notice:not([hidden])')
    expect(await page.locator('#notice').textContent()).toContain('out of reach')
    await page.context().setOffline(false)
    await page.evaluate(() => document.querySelector<HTMLElement>('#notice button')?.click())
    await page.waitForSelector('#notice', { state: 'hidden' })
    await page.waitForFunction(() => document.querySelector('#history .row')?.textContent?.includes('Liked'))
    expect(await page.locator('#history .row').count()).toBe(1)
  })

  it('asks for an API key where there is one', async () => {
    const page = await visit(guarded.url, { expected: /status of 401/ })
    await page.waitForSelector('#key[open]')
    await page.keyboard.type(key)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Picked for a new visitor')
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length])).toEqual([1, 0])
  })
})

/** A catalogue with a picture and a hostile title, and users who like the same things. */
async function fill(url: string): Promise<void> {
  const categories = ['Drama', 'Comedy', 'Horror']
  await post(
    `${url}/v1/items`,
    titles.map((title, n) => ({
      id: `film-${n}`,
      title,
      categories: [categories[n % 3]],
      ...(n === 3 && { imageUrl: '/console/mark.svg' }),
    })),
  )
  const events = ['ben', 'cid', 'dan', 'eve', 'fay', 'gus'].flatMap((userId, u) =>
    Array.from({ length: 8 }, (_, n) => ({ userId, itemId: `film-${(u + n * 3) % titles.length}`, type: 'like' })),
  )
  const ofAnn = ['film-5', 'film-4', 'film-2', 'film-0'].map((itemId) => ({ userId: 'ann', itemId, type: 'like' }))
  await post(`${url}/v1/interactions`, [...events, ...ofAnn, { userId: 'dan', itemId: 'film-1', type: 'view' }])
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (answer.status !== 202) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}

function numberOf(text: string): number {
  return Number(text.replace('−', '-').replace('+', ''))
}

/** In the page: WCAG contrast of the first element of each selector against what is painted behind it. */
function contrasts(selectors: readonly string[]): { selector: string; ratio: number }[] {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
  function pixel(color: string): readonly number[] {
    context.clearRect(0, 0, 1, 1)
    context.fillStyle = color
    context.fillRect(0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  }
  function luminance(color: readonly number[]): number {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const share = value / 255
      return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  function groundOf(node: Element | null): readonly number[] {
    for (let at = node; at !== null; at = at.parentElement) {
      const painted = pixel(getComputedStyle(at).backgroundColor)
      if (painted[3] === 255) return painted
    }
    return [255, 255, 255, 255]
  }
  return selectors.flatMap((selector) => {
    const node = document.querySelector(selector)
    if (node === null) return []
    const [a, b] = [luminance(pixel(getComputedStyle(node).color)), luminance(groundOf(node))]
    return [{ selector, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }]
  })
}
