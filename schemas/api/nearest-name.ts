/** The name most like a misspelt one; undefined when none is near. */
export function nearestName(misspelt: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(misspelt.length / 3))
  let nearest: string | undefined
  let least = most + 1
  for (const name of names) {
    if (Math.abs(name.length - misspelt.length) >= least) continue
    const distance = edits(misspelt.toLowerCase(), name.toLowerCase())
    if (distance < least) {
      nearest = name
      least = distance
    }
  }
  return nearest
}

/** Levenshtein's distance. */
function edits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const current = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[to.length]!
}
