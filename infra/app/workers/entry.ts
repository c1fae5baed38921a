/** The entry file of a worker thread, as TypeScript in a checkout and as JavaScript in the built package. */
export function workerEntry(name: 'solver' | 'train' | 'index-builder'): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
