import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Bench, Finding, Measure, Table } from './bench.ts'

export interface Circumstances {
  readonly machine: string
  readonly data: string
  readonly seed: number
  /** Day of the measurement, ISO 8601. */
  readonly date: string
}

const preamble = `# Benchmark results

Each section is written by \`npm run bench -- NAME\`, which replaces it and leaves the others. Times depend on the machine;
the ratios to what was measured beside them in the same run depend on it much less.
`

/** Writes one bench's section into the file, which is made if it is not there. */
export function writeResult(path: string, bench: Bench, finding: Finding, circumstances: Circumstances): void {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : preamble
  writeFileSync(path, withSection(text, bench.name, sectionOf(bench, finding, circumstances)))
}

/** Replaces sections of a document that is there, by their names, and adds those that are new. */
export function writeSections(path: string, sections: ReadonlyMap<string, string>): void {
  let text = readFileSync(path, 'utf8')
  for (const [name, section] of sections) text = withSection(text, name, section)
  writeFileSync(path, text)
}

/** The text with the section of this name replaced in place, or added at the end; all else stays as it is. */
export function withSection(text: string, name: string, section: string): string {
  const [opening, closing] = [`<!-- bench ${name} -->`, `<!-- end of ${name} -->`]
  const whole = `${opening}\n${section.trim()}\n${closing}`
  const from = text.indexOf(opening)
  const to = text.indexOf(closing, from)
  if (from === -1 || to === -1) return `${text.trimEnd()}\n\n${whole}\n`
  return text.slice(0, from) + whole + text.slice(to + closing.length)
}

function sectionOf(bench: Bench, finding: Finding, { machine, data, seed, date }: Circumstances): string {
  const lines = [
    `## ${bench.title}`,
    '',
    bench.question,
    '',
    `- Command: \`npm run bench -- ${bench.name}\`, ${date}`,
    `- Machine: ${machine}`,
    `- Data: ${data}; seed ${seed}`,
    `- Bounded by: ${finding.bound}`,
    ...(finding.notes ?? []).map((note) => `- ${note}`),
    '',
    ...(finding.measures.length > 0 ? measuresTable(finding.measures) : []),
    ...(finding.table === undefined ? [] : ['', ...tableLines(finding.table)]),
  ]
  return lines.join('\n')
}

function measuresTable(measures: readonly Measure[]): string[] {
  const rows = measures.map(({ what, measured, goal, beside }) => [
    what,
    measured,
    goal === undefined ? '' : `${goal.says}: ${goal.met ? 'met' : '**missed**'}`,
    beside ?? '',
  ])
  return tableLines({ head: ['', 'measured', 'goal', 'beside'], rows })
}

function tableLines({ head, rows }: Table): string[] {
  const rule = head.map(() => '---')
  return [head, rule, ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
}
