import { card } from './card.js'
import { element } from './element.js'
import { rearrange } from './moves.js'
import { onChange, state } from './state.js'
import { count, degradedModes } from './words.js'

const movesShownMs = 5_000

/** The list of the chosen user: keeps the nodes of items that stay, and the keyboard's place. */
export function recommendations(section) {
  const title = element('h1', { id: 'recommendations-title' }, 'Recommendations')
  const badges = element('p', { class: 'badges' })
  const summary = element('p', { class: 'summary quiet' })
  const list = element('ol', { class: 'cards' })
  section.append(element('div', { class: 'heading' }, title, badges, summary), list)
  let cards = new Map()
  let fading

  onChange(['user', 'recommended'], () => {
    const { user, recommended, moves } = state
    title.textContent = user?.startsWith('guest-') ? 'Picked for a new visitor' : `Picked for ${user}`
    section.toggleAttribute('aria-busy', recommended === undefined)
    if (recommended === undefined) {
      cards = new Map()
      list.replaceChildren(...Array.from({ length: 9 }, () => element('li', { class: 'card waiting' })))
      return
    }
    badges.replaceChildren(...recommended.degraded.map(badge))
    draw(recommended, moves)
  })

  function draw({ items, requestId }, moves) {
    for (const waiting of list.querySelectorAll('.waiting')) waiting.remove()
    const keyboard = placeOfFocus()
    const before = cards
    cards = new Map(items.map(({ itemId }) => [itemId, before.get(itemId) ?? card(itemId)]))
    const best = Math.max(...items.map(({ score }) => score))
    items.forEach((item, place) => {
      cards
        .get(item.itemId)
        .update({ ...item, requestId }, { moved: moves?.moves.get(item.itemId), best, isFirst: place === 0 })
    })
    const nodes = Array.from(cards.values(), ({ node }) => node)
    rearrange(list, nodes)
    if (keyboard !== undefined) restore(keyboard)
    summary.textContent =
      items.length === 0 ? 'Nothing to show yet. Add items and interactions, and they appear here.' : summaryOf(moves)
    section.classList.toggle('changed', moves !== undefined)
    if (moves === undefined) document.getElementById('live').textContent = `${title.textContent}: ${items.length}`
    clearTimeout(fading)
    fading = setTimeout(() => section.classList.remove('changed'), movesShownMs)
  }

  /** Which button of which card has the focus. */
  function placeOfFocus() {
    const entries = [...cards]
    const place = entries.findIndex(([, { node }]) => node.contains(document.activeElement))
    if (place === -1) return undefined
    const [itemId, { node }] = entries[place]
    return { itemId, place, button: Array.from(node.querySelectorAll('button')).indexOf(document.activeElement) }
  }

  function restore({ itemId, place, button }) {
    const next = cards.get(itemId) ?? [...cards.values()][Math.min(place, cards.size - 1)]
    next?.focus(button)
  }
}

function summaryOf(moves) {
  if (moves === undefined) return 'Every reason adds up to its score. Click anything: the list answers at once.'
  const entered = [...moves.moves.values()].filter((move) => move === 'new').length
  const shifted = moves.moves.size - entered
  if (entered + shifted + moves.left === 0) return 'Counted; the list stays as it is.'
  return `${count(entered, 'new one', 'new ones')}, ${shifted} moved, ${moves.left} gone.`
}

function badge(mode) {
  const [label, meaning] = degradedModes[mode] ?? [mode, '']
  return element('span', { class: 'badge', title: meaning }, label)
}
