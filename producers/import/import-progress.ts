import { SingleBar } from 'cli-progress'
import type { Clock } from '#schemas/ports/clock.ts'
import type { RejectedRow } from './rejects-file.ts'

/** Told how an import goes on. All of it is for people. */
export interface ImportProgress {
  begin(file: string, lines: number): void
  /** The batch up to this line is answered. */
  reached(line: number): void
  rejected(rows: readonly RejectedRow[]): void
  end(): void
}

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A bar with rate and time left on a terminal, a line every five seconds elsewhere; the first rejects with their reasons. */
export function importProgress(output: Output & NodeJS.WritableStream, clock: Pick<Clock, 'now'>): ImportProgress {
  const moving = output.isTTY === true ? barProgress(output, clock) : lineProgress(output, clock)
  return withRejects(moving, output)
}

export const silentProgress: ImportProgress = {
  begin: () => undefined,
  reached: () => undefined,
  rejected: () => undefined,
  end: () => undefined,
}

type Moving = Omit<ImportProgress, 'rejected'>

function barProgress(stream: NodeJS.WritableStream, clock: Pick<Clock, 'now'>): Moving {
  const bar = new SingleBar({
    stream,
    format: '{file} [{bar}] {percentage} % · {value} of {total} lines · {rate}/s · {eta_formatted} left',
    hideCursor: true,
    etaBuffer: 50,
  })
  let started = 0
  return {
    begin(file, lines) {
      started = clock.now()
      bar.start(lines, 0, { file, rate: '–' })
    },
    reached(line) {
      bar.update(line, { rate: Math.round((line * 1_000) / Math.max(1, clock.now() - started)) })
    },
    end() {
      bar.stop()
    },
  }
}

const lineEveryMs = 5_000

/** Lines for a log file: `ratings.csv: 40,000 of 336,673 lines (12 %), 21,000 lines/s, 14 s left`. */
export function lineProgress(output: Output, clock: Pick<Clock, 'now'>): Moving {
  let [file, lines, started, told, last] = ['', 0, 0, 0, 0]
  const tell = (line: number): void => {
    const seconds = Math.max(0.001, (clock.now() - started) / 1_000)
    const rate = line / seconds
    const share = lines === 0 ? 100 : Math.round((100 * line) / lines)
    const left = rate > 0 ? Math.ceil((lines - line) / rate) : 0
    output.write(
      `${file}: ${grouped(line)} of ${grouped(lines)} lines (${share} %), ${grouped(rate)} lines/s, ${left} s left\n`,
    )
    told = clock.now()
  }
  return {
    begin(name, total) {
      ;[file, lines, started, told, last] = [name, total, clock.now(), clock.now(), 0]
    },
    reached(line) {
      last = line
      if (clock.now() - told >= lineEveryMs) tell(line)
    },
    end: () => tell(last),
  }
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

const rejectsShown = 5

function withRejects(moving: Moving, output: Output): ImportProgress {
  let seen = 0
  return {
    ...moving,
    rejected(rows) {
      for (const row of rows.slice(0, Math.max(0, rejectsShown - seen)))
        output.write(`${row.file}:${row.line}: rejected: ${row.field} ${row.message}\n`)
      if (seen < rejectsShown && seen + rows.length >= rejectsShown)
        output.write('further rejects are not shown here\n')
      seen += rows.length
    },
  }
}
