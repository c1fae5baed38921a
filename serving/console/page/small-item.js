import { itemOf } from './catalogue.js'
import { cover } from './cover.js'
import { element } from './element.js'
import { titleOf } from './title.js'

/** A row with a small cover, a title that opens and a quiet line below. */
export function smallItem(itemId, line, open) {
  const item = itemOf(itemId)
  return element(
    'li',
    { class: 'row' },
    cover(item),
    element(
      'div',
      {},
      element('button', { type: 'button', class: 'open', onclick: open }, titleOf(item)),
      element('p', { class: 'quiet' }, line),
    ),
  )
}
