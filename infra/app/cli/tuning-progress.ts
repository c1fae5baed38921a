import { SingleBar } from 'cli-progress'
import type { TuneProgress } from '#batch/tuning/tune.ts'

/** A bar on a terminal, a line for each trial elsewhere; on stderr, where it keeps out of the report's way. */
export function tuningProgress(stream: NodeJS.WriteStream): {
  readonly tell: (progress: TuneProgress) => void
  readonly end: () => void
} {
  const best = (progress: TuneProgress) => `best NDCG@10 ${progress.best.toFixed(4)}`
  if (!stream.isTTY) {
    const tell = (progress: TuneProgress) =>
      stream.write(`trial ${progress.done} of ${progress.of}: ${best(progress)}\n`)
    return { tell, end: () => undefined }
  }
  const bar = new SingleBar({
    stream,
    format: '[{bar}] {value} of {total} trials · {best} · {eta_formatted} left',
    hideCursor: true,
  })
  let isShown = false
  return {
    tell(progress) {
      if (!isShown) bar.start(progress.of, 0, { best: '' })
      isShown = true
      bar.update(progress.done, { best: best(progress) })
    },
    end: () => bar.stop(),
  }
}
