import { randomId } from './act.js'
import { freshness } from './freshness.js'
import { historyList } from './history-list.js'
import { closePanelBesides } from './item-panel.js'
import { showUser } from './lists.js'
import { modelBadge } from './model-badge.js'
import { guarded } from './notice.js'
import { recommendations } from './recommendations.js'
import { trending } from './trending.js'
import { userPicker } from './user-picker.js'
import { watch } from './watch.js'

/** Somebody with a history that is easy to take in. */
const goodHistory = 120

freshness(part('freshness'))
modelBadge(part('model'))
recommendations(part('recommendations'))
historyList(part('history'))
closePanelBesides()
const loadTrending = trending(part('trending'))
const loadUsers = userPicker(part('picker'))
watch()
void guarded(begin)

async function begin() {
  const users = await loadUsers()
  const asked = new URLSearchParams(location.search).get('user')
  await Promise.all([showUser(asked ?? firstOf(users)), loadTrending()])
}

function firstOf(users) {
  const nearest = users.toSorted((a, b) => distance(a) - distance(b))[0]
  return nearest?.userId ?? `guest-${randomId().slice(0, 8)}`
}

function distance({ interactions }) {
  return Math.abs(interactions - goodHistory)
}

function part(id) {
  return document.getElementById(id)
}
