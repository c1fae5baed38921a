import { element } from './element.js'
import { openItem } from './item-panel.js'
import { smallItem } from './small-item.js'
import { onChange, state } from './state.js'
import { actions, timeAgo } from './words.js'

/** What the user did, newest first. */
export function historyList(section) {
  const list = element('ul', { class: 'rows', tabindex: 0, 'aria-label': 'History' })
  section.append(element('h2', { id: 'history-title' }, 'History'), list)
  let known = new Set()

  onChange(['user', 'history'], () => {
    const { history } = state
    if (history === undefined) {
      known = new Set()
      list.replaceChildren()
      return
    }
    if (history.length === 0) {
      list.replaceChildren(element('li', { class: 'quiet empty' }, 'Nothing yet. Like or open something.'))
      return
    }
    list.replaceChildren(
      ...history.map((event) => {
        const row = smallItem(event.itemId, lineOf(event), () => openItem(event.itemId, undefined))
        if (known.size > 0 && !known.has(event.id)) row.classList.add('fresh')
        return row
      }),
    )
    known = new Set(history.map(({ id }) => id))
  })
}

function lineOf({ type, value, occurredAt }) {
  const said = actions[type] ?? type
  const rated = value === undefined ? said : `${said} ★ ${Number(value.toFixed(1))}`
  return `${rated} · ${timeAgo(occurredAt)}`
}
