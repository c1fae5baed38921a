import type { BenchData } from './bench-data.ts'

/** One question put to the system, answered with figures. */
export interface Bench {
  /** As given on the command line. */
  readonly name: string
  readonly title: string
  readonly question: string
  run(context: BenchContext): Promise<Finding>
}

export interface BenchContext {
  readonly data: BenchData
  readonly seed: number
  /** Says how far it has come. */
  readonly say: (line: string) => void
  /** A new empty folder, removed after the bench. */
  readonly folder: () => string
  /** A copy of its own of a data folder in which the data set is imported, folded and trained on. */
  readonly filledFolder: (data?: BenchData) => Promise<string>
}

export interface Finding {
  readonly measures: readonly Measure[]
  /** Figures that need more columns than a measure has. */
  readonly table?: Table
  /** What keeps the figures from being better. */
  readonly bound: string
  /** Further sentences for the reader. */
  readonly notes?: readonly string[]
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Measure {
  readonly what: string
  readonly measured: string
  readonly goal?: { readonly says: string; readonly met: boolean }
  /** The bound or peer measured in the same run, and the ratio to it. */
  readonly beside?: string
}
