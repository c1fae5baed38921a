import { randomId } from './act.js'
import { read } from './api.js'
import { itemOf } from './catalogue.js'
import { element, icon } from './element.js'
import { showUser } from './lists.js'
import { guarded } from './notice.js'
import { onChange, state } from './state.js'
import { suggestions } from './suggestions.js'
import { count } from './words.js'

const asked = 200
const favourites = 3
const liking = new Set(['like', 'rating', 'purchase', 'cart', 'click', 'view'])

/** Who the page is shown for: a card, a search over known users, and a button for somebody new. */
export function userPicker(section) {
  const avatar = element('div', { class: 'avatar', 'aria-hidden': 'true' })
  const name = element('p', { class: 'name' })
  const about = element('p', { class: 'quiet' })
  const leaning = element('p', { class: 'leaning' })
  const choose = (user) => void guarded(() => showUser(user))
  const search = suggestions('Find somebody', choose)
  const visitor = element(
    'button',
    { type: 'button', class: 'plain wide', onclick: () => choose(`guest-${randomId().slice(0, 8)}`) },
    icon('person'),
    'A new visitor',
  )
  section.append(
    element('div', { class: 'who' }, avatar, element('div', {}, name, about)),
    leaning,
    element('div', { class: 'picker-ways' }, search.node, visitor),
  )
  let users = []
  /** Interactions of the history when the user was chosen; the users' counts hold those. */
  let counted

  onChange(['user', 'history'], () => {
    const { user, history } = state
    const isGuest = user.startsWith('guest-')
    avatar.replaceChildren(isGuest ? icon('person') : Array.from(user).slice(0, 2).join('').toUpperCase())
    name.textContent = isGuest ? 'New visitor' : user
    name.title = user
    if (history === undefined) counted = undefined
    else counted ??= new Set(history.map(({ id }) => id))
    const known = users.find(({ userId }) => userId === user)?.interactions ?? counted?.size ?? 0
    const total = known + (history ?? []).filter(({ id }) => !counted.has(id)).length
    about.textContent = history === undefined ? ' ' : total === 0 ? 'No history yet' : count(total, 'interaction')
    leaning.replaceChildren(...favouritesOf(history ?? []).map((each) => element('span', { class: 'tag' }, each)))
  })

  return async () => {
    users = (await read('v1/users', { limit: asked })).users
    search.offer(users)
    return users
  }
}

function favouritesOf(history) {
  const counts = new Map()
  for (const { itemId, type } of history) {
    if (!liking.has(type)) continue
    for (const category of itemOf(itemId).categories) counts.set(category, (counts.get(category) ?? 0) + 1)
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, favourites)
    .map(([category]) => category)
}
