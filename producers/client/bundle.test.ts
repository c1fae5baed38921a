import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('is less than 5 kB in a browser, and needs nothing else', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${import.meta.dirname}/index.ts`],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
  })
  expect(outputFiles[0]?.contents.length).toBeLessThan(5_000)
  const sources = Object.keys(metafile.inputs)
  expect(sources.filter((path) => !path.startsWith('producers/client/'))).toEqual([])
  expect(sources.length).toBeGreaterThan(3)
})
