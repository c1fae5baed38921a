import type { Metrics } from '#schemas/ports/metrics.ts'

/** Times the stages of an answer. */
export interface Stages {
  start(): StageTimer
}

export interface StageTimer {
  /** What passed since the stage before it. */
  done(stage: string): void
  /** What passed since the start, as the stage `total`. */
  finish(): void
}

/** `now`: milliseconds of a clock that never goes back. */
export function stages(metrics: Metrics, now: () => number): Stages {
  return {
    start() {
      const start = now()
      let last = start
      return {
        done(stage) {
          const at = now()
          metrics.observe('millrace_recommend_latency_seconds', (at - last) / 1000, { stage })
          last = at
        },
        finish: () => metrics.observe('millrace_recommend_latency_seconds', (now() - start) / 1000, { stage: 'total' }),
      }
    },
  }
}
