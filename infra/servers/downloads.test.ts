import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { download } from './downloads.ts'
import { temporaryFolder } from './temporary-folder.fixture.ts'

it('fetches once', async () => {
  await using cache = await temporaryFolder()
  let fetched = 0
  const thing = {
    name: 'thing-1',
    async fill(folder: string) {
      fetched += 1
      await writeFile(join(folder, 'file'), 'whole')
    },
  }
  const first = await download(thing, cache.path)
  expect(await download(thing, cache.path)).toBe(first)
  expect(fetched).toBe(1)
  expect(await readFile(join(first, 'file'), 'utf8')).toBe('whole')
})

it('keeps one of two that run at once', async () => {
  await using cache = await temporaryFolder()
  const bothStarted = Promise.withResolvers<void>()
  let started = 0
  const thing = {
    name: 'thing-1',
    async fill(folder: string) {
      await writeFile(join(folder, 'file'), 'whole')
      started += 1
      if (started === 2) bothStarted.resolve()
      await bothStarted.promise
    },
  }
  const [first, second] = await Promise.all([download(thing, cache.path), download(thing, cache.path)])
  expect(first).toBe(second)
  expect(await readdir(cache.path)).toEqual(['thing-1'])
})

it('keeps nothing of a fetch that failed', async () => {
  await using cache = await temporaryFolder()
  const failing = {
    name: 'thing-1',
    async fill(folder: string) {
      await writeFile(join(folder, 'half'), '')
      throw new Error('the network went')
    },
  }
  await expect(download(failing, cache.path)).rejects.toThrow('the network went')
  expect(await readdir(cache.path)).toEqual([])
})

it('does not use what another process left behind half fetched', async () => {
  await using cache = await temporaryFolder()
  await mkdir(join(cache.path, '.thing-1-abcdef'))
  const folder = await download({ name: 'thing-1', fill: (to) => writeFile(join(to, 'file'), 'whole') }, cache.path)
  expect(await readdir(folder)).toEqual(['file'])
})
