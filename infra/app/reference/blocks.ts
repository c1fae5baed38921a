import { defaultFoldSettings } from '#schemas/settings.ts'
import { drawTopology } from '#stream-processors/drawing.ts'
import { topology } from '#stream-processors/topology.ts'
import { commandHelp } from '../cli/help.ts'
import { configTable } from '../config-table.ts'
import {
  errorTable,
  interactionTypeTable,
  limitTable,
  metricTable,
  rowTable,
  topicTable,
  trainingTable,
} from './tables.ts'

/** What the documents take from the code, by the name of their block. */
export const blocks: Readonly<Record<string, () => string>> = {
  'command-line': commandHelp,
  configuration: configTable,
  errors: errorTable,
  'interaction-types': interactionTypeTable,
  limits: limitTable,
  metrics: metricTable,
  rows: rowTable,
  topics: topicTable,
  topology: () => ['```mermaid', `${drawnTopology()}\`\`\``, ''].join('\n'),
  training: trainingTable,
}

/** What `millrace describe` prints. */
export function drawnTopology(): string {
  const { interactions, items, profiles } = topology(defaultFoldSettings)
  return drawTopology([interactions, items, profiles])
}

const block = /<!-- generated: ([a-z-]+) -->\n[^]*?<!-- end -->/g

/** A document with all its blocks as the code has them now. Throws for a block that no code makes. */
export function refreshed(text: string): string {
  return text.replaceAll(block, (_, name: string) => {
    const make = blocks[name]
    if (make === undefined)
      throw new Error(`no code makes a block ${name}; there are ${Object.keys(blocks).join(', ')}`)
    return `<!-- generated: ${name} -->\n${make()}<!-- end -->`
  })
}

/** Names of the blocks in a document. */
export function blocksIn(text: string): string[] {
  return Array.from(text.matchAll(block), (match) => match[1] ?? '')
}
