import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServiceWorld, type ServiceWorld, type TestService } from '../support/service-world.ts'

const executablePath = process.env.TEST_CHROMIUM
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe.skipIf(!executablePath)(
  `the page in a browser${executablePath ? '' : ' (skipped: TEST_CHROMIUM is not set)'}`,
  () => {
    let world: ServiceWorld
    let service: TestService
    let profile: string
    let browser: BrowserContext
    let page: Page
    const wrong: string[] = []

    beforeAll(async () => {
      world = await createServiceWorld()
      service = await world.start()
      profile = await mkdtemp(join(tmpdir(), 'contentflow-chromium-'))
      browser = await chromium.launchPersistentContext(profile, { executablePath: executablePath!, args: flags })
      page = await browser.newPage()
      page.on('pageerror', (error) => wrong.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') wrong.push(message.text())
      })
      page.on('request', (request) => {
        if (!request.url().startsWith(service.url)) wrong.push(`asks elsewhere: ${request.url()}`)
      })
      await page.goto(service.url)
      await page.waitForSelector('body[data-ready]')
    })

    afterAll(async () => {
      await browser.close()
      await service.close()
      await world.remove()
      await rm(profile, { recursive: true, force: true })
    })

    const text = async (selector: string): Promise<string> => (await page.locator(selector).textContent()) ?? ''

    it('shows a user’s list with reasons, and the segment', async () => {
      expect(await page.locator('#user-list li').count()).toBe(10)
      expect(await text('#user-list')).toContain('Often follows “Title of content-2”')
      expect(await text('#user-segment')).toContain('quiet viewers')
    })

    it('takes a liked content off the list', async () => {
      const first = page.locator('#user-list li').first()
      const title = await first.locator('.title').textContent()
      await first.getByRole('button').click()
      await expect.poll(() => text('#user-list li:first-child .title')).not.toBe(title)
      const titles = await page.locator('#user-list .title').allTextContents()
      expect(titles).not.toContain(title)
    })

    it('says that a stranger gets a fallback', async () => {
      await page.fill('#user-id', 'a/stranger 🎬')
      await page.getByRole('button', { name: 'Show' }).click()
      await expect.poll(() => text('#user-note')).toContain('Fallback')
      expect(await text('#user-segment')).toContain('largest segment')
    })

    it('draws all 168 hours of a creator’s week', async () => {
      await page.selectOption('#creator-id', 'creator-1')
      await expect.poll(() => text('#creator-best')).toContain('×2.00')
      const cells = await page.evaluate(
        `echarts.getInstanceByDom(document.getElementById('creator-chart')).getOption().series[0].data.length`,
      )
      expect(cells).toBe(168)
    })

    it('predicts a draft as it is typed in', async () => {
      await page.fill('#draft-text', 'one two three four')
      await page.getByRole('button', { name: 'Predict' }).click()
      await expect.poll(() => text('#draft-result')).toContain('400') // 100 · 4 words
      expect(await text('#draft-result')).toContain('50 %')
      expect(await text('#draft-result .drivers')).toContain('title×1.78') // 401 against √(101 · 501)
    })

    it('shows each model beside its baselines', async () => {
      expect(await page.locator('#models-list h3').allTextContents()).toEqual([
        'recommender',
        'engagement',
        'virality',
        'churn',
        'revenue',
        'creator-revenue',
        'forecast',
        'segments',
        'posting-time',
      ])
      expect(await text('#models-list')).toContain('popularity')
    })

    it('fits narrow and wide windows, and every field has a label', async () => {
      for (const width of [400, 1400]) {
        await page.setViewportSize({ width, height: 900 })
        // The heat map follows a new width a frame later.
        await expect.poll(() => page.evaluate('document.documentElement.scrollWidth'), { timeout: 10_000 }).toBe(width)
      }
      const unlabelled = await page.evaluate(
        `[...document.querySelectorAll('input, select')].filter((field) => field.labels.length === 0).map((field) => field.id)`,
      )
      expect(unlabelled).toEqual([])
    })

    it('documents every endpoint at /docs', async () => {
      await page.goto(`${service.url}/docs`)
      await page.waitForSelector('details')
      const { body: document } = await service.get('/openapi.json')
      const shown = await text('#docs')
      for (const path of Object.keys(document.paths)) expect(shown).toContain(path)
      expect(shown).toContain('INPUT_INVALID')
    })

    it('did all that without an error or a request to anyone else', () => {
      expect(wrong).toEqual([])
    })
  },
)
