import { act } from './act.js'
import { path, read } from './api.js'
import { actionButtons } from './action-buttons.js'
import { itemOf, learn } from './catalogue.js'
import { cover } from './cover.js'
import { element, icon } from './element.js'
import { guarded } from './notice.js'
import { breakdown, meters } from './reasons.js'
import { smallItem } from './small-item.js'
import { titleOf } from './title.js'
import { titleParts } from './words.js'

const alike = 8

/** Opens the panel on an item; `recommendation` is how it was recommended, where it was. Esc and a click beside it close it. */
export function openItem(itemId, recommendation) {
  const panel = document.getElementById('panel')
  const item = itemOf(itemId)
  const similar = element('ul', { class: 'rows' })
  panel.replaceChildren(
    element(
      'button',
      { type: 'button', class: 'close', 'aria-label': 'Close', onclick: () => panel.close() },
      icon('close'),
    ),
    element('div', { class: 'panel-head' }, cover(item), details(item)),
    actionButtons((type) => void act(type, itemId, recommendation), titleParts(item.title).name),
    ...(recommendation === undefined ? [] : [reasons(recommendation)]),
    element('section', {}, element('h3', {}, 'Similar'), similar),
  )
  panel.scrollTop = 0
  if (!panel.open) panel.showModal()
  panel.querySelector('.close').focus()
  void guarded(() => showSimilar(itemId, similar))
}

export function closePanelBesides() {
  const panel = document.getElementById('panel')
  panel.addEventListener('click', (event) => {
    if (event.target === panel) panel.close()
  })
  // The card that opened it may have left the list.
  panel.addEventListener('close', () => {
    const { activeElement } = document
    if (activeElement === document.body || panel.contains(activeElement))
      document.getElementById('recommendations').focus({ preventScroll: true })
  })
}

function details(item) {
  const price = item.price === null ? undefined : `${item.price} ${item.currency ?? ''}`
  const facts = [item.categories.join(' · '), price, item.tags.slice(0, 8).join(', ')]
  return element(
    'div',
    {},
    element('h2', { id: 'panel-title' }, titleOf(item)),
    facts.filter((fact) => fact !== undefined && fact !== '').map((fact) => element('p', { class: 'quiet' }, fact)),
    item.description === null ? undefined : element('p', { class: 'description' }, item.description),
    element('p', { class: 'quiet id' }, element('code', {}, item.itemId)),
  )
}

function reasons(recommendation) {
  return element(
    'section',
    { class: 'reasons' },
    element('p', { class: 'reason' }, recommendation.explanation),
    meters(recommendation),
    breakdown(recommendation),
  )
}

async function showSimilar(itemId, list) {
  const answer = await read(path('v1/items', itemId, 'similar'), { limit: alike })
  await learn(answer.items.map((item) => item.itemId))
  const rows = answer.items.map((each) =>
    smallItem(each.itemId, each.explanation, () => {
      openItem(each.itemId, undefined)
      void act('click', each.itemId)
    }),
  )
  list.replaceChildren(...(rows.length > 0 ? rows : [element('li', { class: 'quiet' }, 'Nothing like it yet.')]))
}
