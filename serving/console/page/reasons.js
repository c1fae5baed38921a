import { itemOf } from './catalogue.js'
import { element } from './element.js'
import { addends, decimal, percent, titleParts } from './words.js'

/** How a score came about, as a sum that adds up: its addends, and what the history adds to the learned taste. */
export function breakdown(recommendation) {
  const parts = Object.entries(recommendation.features).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
  const history = historyParts(recommendation)
  const largest = Math.max(...parts.map(([, part]) => Math.abs(part)), ...history.map(({ part }) => Math.abs(part)))
  const rows = parts.flatMap(([name, part]) => [
    row(addends[name] ?? name, part, largest, 'addend'),
    ...(name === 'factorScore' ? history.map((each) => row(each.label, each.part, largest, 'past')) : []),
  ])
  return element(
    'table',
    { class: 'sum' },
    element('caption', {}, 'Why this score'),
    element('tbody', {}, rows),
    element(
      'tfoot',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'row', colspan: 2 }, 'Score'),
        element('td', { class: 'value' }, decimal(recommendation.score)),
      ),
    ),
  )
}

/** The score's positive addends side by side, as long as the score is beside the best one. */
function anatomy({ features, score }, best) {
  const parts = Object.entries(features).filter(([, part]) => part > 0)
  const share = percentOf(best > 0 ? score / best : 0)
  const bar = element(
    'span',
    { class: 'anatomy', '--share': share },
    parts.sort((a, b) => b[1] - a[1]).map(([, part]) => element('span', { '--part': part * 1_000 })),
  )
  return element('span', { class: 'bar', 'aria-hidden': 'true' }, bar)
}

function confidenceBar({ confidence }) {
  return element('span', { class: 'bar', 'aria-hidden': 'true' }, element('span', { '--share': percentOf(confidence) }))
}

/** Two small lines under each recommendation; `best` is the highest score of its list. */
export function meters(recommendation, best = recommendation.score) {
  return element(
    'dl',
    { class: 'meters' },
    element('dt', {}, 'Score'),
    element('dd', {}, anatomy(recommendation, best), element('b', {}, decimal(recommendation.score))),
    element('dt', { title: 'How much is known; not a probability' }, 'Confidence'),
    element('dd', {}, confidenceBar(recommendation), element('b', {}, percent(recommendation.confidence))),
  )
}

function historyParts({ because, features }) {
  if (because.length === 0 || features.factorScore === undefined) return []
  const told = because.map(({ itemId, contribution }) => ({
    label: titleParts(itemOf(itemId).title).name,
    part: contribution,
  }))
  const rest = features.factorScore - because.reduce((sum, { contribution }) => sum + contribution, 0)
  return Math.abs(rest) < 0.000_5 ? told : [...told, { label: 'the rest of the history', part: rest }]
}

function row(label, part, largest, kind) {
  const share = percentOf(largest === 0 ? 0 : Math.abs(part) / largest)
  return element(
    'tr',
    { class: kind },
    element('th', { scope: 'row' }, label),
    element(
      'td',
      { class: 'drawn', 'aria-hidden': 'true' },
      element('span', { class: part < 0 ? 'minus' : undefined, '--share': share }),
    ),
    element('td', { class: 'value' }, decimal(part, true)),
  )
}

function percentOf(share) {
  return `${Math.min(1, Math.max(0, share)) * 100}%`
}
