import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { refuseOther, type TrialJournal, type TrialRecord } from '#batch/tuning/study.ts'
import { MillraceError } from '#schemas/errors.ts'

/**
 * A journal as a file of JSON lines: the study, then a line for each trial. A line that a crash left half-written is cut
 * off. Throws `invalid-input` for a file that is no journal.
 */
export function trialFile(path: string): TrialJournal {
  return {
    open(study) {
      mkdirSync(dirname(path), { recursive: true })
      const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole))
      const [first, ...lines] = whole.split('\n').slice(0, -1)
      refuseOther(first, study)
      if (first === undefined) appendFileSync(path, `${JSON.stringify(study)}\n`)
      return lines.map((line) => recordOf(path, line))
    },
    add: (record) => appendFileSync(path, `${JSON.stringify(record)}\n`),
  }
}

function recordOf(path: string, line: string): TrialRecord {
  const record: Partial<TrialRecord> = JSON.parse(line)
  const { trial, round, settings, ndcg, seconds } = record
  if (trial === undefined || round === undefined || settings === undefined || ndcg === undefined) {
    throw new MillraceError('invalid-input', `${path} holds a line that is no trial`, { facts: { path, line } })
  }
  return { trial, round, settings, ndcg, seconds: seconds ?? NaN }
}
