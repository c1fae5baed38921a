import type { JobProgress } from '#batch/job.ts'

/** A line on stderr for each stage and iteration. */
export function trainingProgress(): (progress: JobProgress) => void {
  let last = ''
  return (progress) => {
    const line = lineOf(progress)
    if (line !== last) console.error(line)
    last = line
  }
}

function lineOf(progress: JobProgress): string {
  switch (progress.stage) {
    case 'reading':
      return 'reading the log'
    case 'trying':
      return `judging on held-out events: iteration ${progress.iteration}`
    case 'training':
      return `fitting to everything: iteration ${progress.iteration}`
    case 'ranking':
      return 'fitting the ranker'
    case 'lists':
      return 'computing the lists of active users and categories'
    case 'publishing':
      return 'publishing'
  }
}
