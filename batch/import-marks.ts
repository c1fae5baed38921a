import { grown } from './grown.ts'

/** How far each user's lines of each imported file were counted. */
export interface ImportMarks {
  /** Marks a line, and says whether it is new. A mended line is judged by the mended ones alone. */
  take(user: number, source: number, sequence: number, mended: boolean): boolean
}

const sourcesAtMost = 2 ** 21

/** Nearly every user is in one file only: the first is kept in columns. */
export function importMarks(): ImportMarks {
  let firstSources = new Int32Array(1_024).fill(-1)
  let firstSequences = new Float64Array(1_024)
  const others = new Map<number, number>()
  const mendedLines = new Set<string>()

  function room(user: number): void {
    if (user < firstSources.length) return
    const before = firstSources.length
    firstSources = grown(firstSources, user + 1).fill(-1, before)
    firstSequences = grown(firstSequences, firstSources.length)
  }

  return {
    take(user, source, sequence, mended) {
      if (mended) {
        const line = `${user} ${source} ${sequence}`
        const isNew = !mendedLines.has(line)
        mendedLines.add(line)
        return isNew
      }
      room(user)
      if (firstSources[user] === -1) firstSources[user] = source
      else if (firstSources[user] !== source) {
        const key = user * sourcesAtMost + source
        if (sequence <= (others.get(key) ?? -Infinity)) return false
        others.set(key, sequence)
        return true
      } else if (sequence <= firstSequences[user]!) return false
      firstSequences[user] = sequence
      return true
    },
  }
}
