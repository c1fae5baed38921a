import { topics } from '#schemas/topics.ts'
import type { RowProcessor } from './runtime/processor.ts'

/** The processors as they are wired, as a Mermaid flowchart. */
export function drawTopology(processors: readonly Pick<RowProcessor, 'name' | 'topic' | 'does' | 'steps'>[]): string {
  const lines = ['flowchart LR']
  for (const { name, topic } of Object.values(topics).map((topic) => ({ name: topic.name, topic }))) {
    lines.push(`  ${idOf(name)}[/"${topic.name}"/]`)
  }
  for (const { name, topic, does, steps } of processors) {
    const node = `fold_${idOf(name)}`
    lines.push(`  ${node}["${name}: ${does}"]`, `  ${idOf(topic)} --> ${node}`)
    for (const step of steps) {
      for (const table of step.tables) lines.push(`  ${node} --> row_${idOf(table)}[("${table}")]`)
      if (step.announces !== undefined) lines.push(`  ${node} --> ${idOf(step.announces.topic)}`)
    }
    lines.push(`  ${node} -. what cannot be folded .-> dead_letters`)
  }
  lines.push('  vectors["item-vectors: streaming vectors of new items"]')
  lines.push('  item_notices --> vectors', '  models --> vectors', '  vectors --> item_vectors')
  lines.push('  learners["ranker: learns from lists and what followed"]')
  for (const source of ['impressions', 'interactions', 'models']) lines.push(`  ${idOf(source)} --> learners`)
  lines.push('  learners --> learned_rankers')
  lines.push('  read["serving: read model"]')
  for (const source of ['user-notices', 'item-notices', 'item-vectors', 'learned-rankers', 'models'])
    lines.push(`  ${idOf(source)} --> read`)
  lines.push('  read --> impressions')
  return `${lines.join('\n')}\n`
}

function idOf(name: string): string {
  return name.replaceAll('-', '_')
}
