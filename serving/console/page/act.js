import { record } from './api.js'
import { itemOf } from './catalogue.js'
import { refreshHistory, refreshRecommendations } from './lists.js'
import { guarded } from './notice.js'
import { change, state } from './state.js'
import { actions, milliseconds, titleParts } from './words.js'

const timingsKept = 24
let underWay = 0

/**
 * Sends what the user did, then shows the list that reflects it, and how long each step took from here. `from` is the
 * recommendation it answers to, with the id of its request, where it does.
 */
export async function act(type, itemId, from) {
  const { user } = state
  const attribution = from === undefined ? undefined : { requestId: from.requestId, position: from.position }
  // The server recognises the id where an answer was lost and this is sent again.
  const id = randomId()
  await guarded(async () => {
    underWay++
    try {
      const began = performance.now()
      const { position } = await record({ id, userId: user, itemId, type, attribution })
      const durable = performance.now() - began
      const listed = await refreshRecommendations(user, position)
      if (listed !== undefined) {
        const timing = { durable, listed: listed - began, drawn: performance.now() - began }
        change({ timings: [...state.timings, timing].slice(-timingsKept) })
        announce(type, itemId, timing.listed)
      }
      await refreshHistory(user)
    } finally {
      underWay--
    }
  })
}

/** Whether a click is on its way. */
export function isActing() {
  return underWay > 0
}

/** An id that no other interaction or guest has. `crypto.randomUUID` would need https away from localhost. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function announce(type, itemId, ms) {
  const { name } = titleParts(itemOf(itemId).title)
  const entered = [...(state.moves?.moves.values() ?? [])].filter((move) => move === 'new').length
  const text = `${actions[type] ?? type} ${name}. The list has ${entered} new, after ${milliseconds(ms)} milliseconds.`
  document.getElementById('live').textContent = text
}
