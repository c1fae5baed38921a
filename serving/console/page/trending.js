import { act } from './act.js'
import { read } from './api.js'
import { itemOf, learn } from './catalogue.js'
import { cover } from './cover.js'
import { element } from './element.js'
import { openItem } from './item-panel.js'
import { guarded } from './notice.js'
import { change, onChange, state } from './state.js'
import { titleOf } from './title.js'

const length = 14
const categoriesShown = 24

/** What trends, overall or in a chosen category. */
export function trending(section) {
  const chips = element('div', { class: 'chips', role: 'group', 'aria-label': 'Category' })
  const list = element('ol', { class: 'shelf', tabindex: 0, 'aria-labelledby': 'trending-title' })
  section.append(element('div', { class: 'heading' }, element('h2', { id: 'trending-title' }, 'Trending'), chips), list)
  onChange(['trending'], () => list.replaceChildren(...state.trending.items.map(entry)))

  async function load(category) {
    const answer = await read('v1/trending', { limit: length, category })
    await learn(answer.items.map(({ itemId }) => itemId))
    change({ trending: answer })
  }

  function chip(category, label) {
    const choose = (event) => {
      for (const each of chips.children) each.setAttribute('aria-pressed', String(each === event.currentTarget))
      list.scrollLeft = 0
      void guarded(() => load(category))
    }
    const isFirst = category === undefined
    return element('button', { type: 'button', class: 'chip', 'aria-pressed': String(isFirst), onclick: choose }, label)
  }

  return async () => {
    const [{ categories }] = await Promise.all([read('v1/categories'), load(undefined)])
    const largest = categories.toSorted((a, b) => b.items - a.items).slice(0, categoriesShown)
    chips.replaceChildren(chip(undefined, 'All'), ...largest.map(({ category }) => chip(category, category)))
  }
}

function entry({ itemId, explanation }) {
  const item = itemOf(itemId)
  const choose = () => {
    openItem(itemId, undefined)
    void act('click', itemId)
  }
  return element(
    'li',
    { class: 'tile' },
    cover(item),
    element('button', { type: 'button', class: 'open', onclick: choose }, titleOf(item)),
    element('p', { class: 'quiet' }, explanation),
  )
}
