import { act } from './act.js'
import { actionButtons } from './action-buttons.js'
import { itemOf } from './catalogue.js'
import { cover } from './cover.js'
import { element } from './element.js'
import { openItem } from './item-panel.js'
import { breakdown, meters } from './reasons.js'
import { titleOf } from './title.js'
import { sources, titleParts } from './words.js'

/** A recommendation as a list entry that stays the same node while its item stays in the list. */
export function card(itemId) {
  const item = itemOf(itemId)
  const { name } = titleParts(item.title)
  let shown
  const open = element('button', { type: 'button', class: 'open', onclick: () => choose() }, titleOf(item))
  const move = element('span', { class: 'move' })
  const source = element('span', { class: 'source' })
  const reason = element('p', { class: 'reason' })
  const measures = element('div', { class: 'measures' })
  const why = element('div', { class: 'why' })
  const node = element(
    'li',
    { class: 'card' },
    element('div', { class: 'art' }, cover(item), source, move),
    element(
      'div',
      { class: 'body' },
      element('h2', {}, open),
      element('p', { class: 'genres' }, item.categories.slice(0, 3).join(' · ')),
      reason,
      measures,
      actionButtons((type) => void act(type, itemId, shown), name),
    ),
    why,
  )

  function choose() {
    openItem(itemId, shown)
    void act('click', itemId, shown)
  }

  return {
    node,
    /** Shows the recommendation, with the id of its request, as it is now. `moved` is what the last click did to its place, `best` the list's highest score. */
    update(recommendation, { moved, best, isFirst }) {
      shown = recommendation
      node.classList.toggle('first', isFirst)
      source.textContent = sources[recommendation.source] ?? recommendation.source
      reason.textContent = recommendation.explanation
      measures.replaceChildren(meters(recommendation, best))
      why.replaceChildren(...(isFirst ? [breakdown(recommendation)] : []))
      move.textContent =
        moved === undefined ? '' : moved === 'new' ? 'new' : `${moved > 0 ? '▲' : '▼'} ${Math.abs(moved)}`
      move.classList.toggle('up', moved === 'new' || moved > 0)
    },
    focus: (place) => (node.querySelectorAll('button')[place] ?? open).focus({ preventScroll: true }),
  }
}
