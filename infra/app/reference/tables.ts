import { problemOf } from '#schemas/api/problem.ts'
import { tableSchemas, topicSchemas } from '#schemas/avro/versions.ts'
import { errorCodes, MillraceError } from '#schemas/errors.ts'
import { metricDefinitions } from '#schemas/metrics.ts'
import { defaultTrainingSettings } from '#schemas/models/training-settings.ts'
import { dayMs, defaultFoldSettings, rowLimits, type ActionWeight } from '#schemas/settings.ts'
import { topics, type Retention, type TopicDefinition } from '#schemas/topics.ts'

/** A Markdown table; a bar inside a cell is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

export function topicTable(): string {
  return markdownTable(
    ['topic', 'key', 'what it holds', 'partitions', 'kept', 'schema versions'],
    Object.values(topics).map((topic: TopicDefinition) => [
      `\`${topic.name}\``,
      topic.key === 'none' ? '–' : topic.key,
      topic.holds,
      topic.partitions === 'single' ? '1' : 'as the data folder',
      keptFor(topic.retention),
      `${topicSchemas[topic.name].length}`,
    ]),
  )
}

export function rowTable(): string {
  return markdownTable(
    ['table', 'schema versions'],
    Object.entries(tableSchemas).map(([table, versions]) => [`\`${table}\``, `${versions.length}`]),
  )
}

export function interactionTypeTable(): string {
  return markdownTable(
    ['type', 'weight'],
    Object.entries(defaultFoldSettings.actions).map(([type, weight]) => [`\`${type}\``, weightText(weight)]),
  )
}

export function limitTable(): string {
  const { head, chunks, history, coViewWindow, coViews, itemUsers, idWindowMs } = rowLimits
  return markdownTable(
    ['limit', 'value'],
    [
      ['interactions in a head, and in a chunk', `${head}`],
      ['chunks kept of a user', `${chunks}`],
      ['interactions of a user that count, in serving and in training', `${history}`],
      ['recent items a new interaction is counted as co-viewed with', `${coViewWindow}`],
      ['co-view counters of an item', `${coViews}`],
      ['distinct users remembered by an item', `${itemUsers}`],
      ['time a repeated id is recognised, on the clock of its user', `${idWindowMs / dayMs} days`],
    ],
  )
}

export function metricTable(): string {
  return markdownTable(
    ['metric', 'type', 'labels', 'what it says'],
    Object.entries(metricDefinitions).map(([name, { type, labels, help }]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  )
}

export function errorTable(): string {
  return markdownTable(
    ['error', 'status', '`code` in the answer', 'title'],
    errorCodes.map((error) => {
      const { status, code, title } = problemOf(new MillraceError(error, 'any'))
      return [`\`${error}\``, `${status}`, `\`${code}\``, title]
    }),
  )
}

export function trainingTable(): string {
  return markdownTable(
    ['setting', 'default'],
    Object.entries(defaultTrainingSettings).map(([name, value]) => [`\`${name}\``, `${value}`]),
  )
}

function keptFor(retention: Retention): string {
  switch (retention.type) {
    case 'for-ever':
      return 'for ever'
    case 'time':
      return `${retention.ms / dayMs} days`
    case 'compact':
      return `newest of each key for ever, the rest ${retention.minAgeMs / dayMs} days`
  }
}

function weightText(weight: ActionWeight): string {
  switch (weight.type) {
    case 'fixed':
      return `${weight.weight}`
    case 'rating':
      return `${weight.low} for the lowest value to ${weight.high} for the highest`
  }
}
