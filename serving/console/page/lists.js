import { path, read } from './api.js'
import { learn } from './catalogue.js'
import { change, state } from './state.js'

/** One large card and rows of two, three or four. */
const recommendations = 13
const interactions = 40
const retriesWhenBehind = 10
let newest = 0

/** Shows another user: URL, history and recommendations. */
export async function showUser(user) {
  if (user !== state.user) {
    const url = new URL(location.href)
    url.searchParams.set('user', user)
    history.replaceState(null, '', url)
    change({ user, recommended: undefined, history: undefined, moves: undefined })
  }
  await Promise.all([refreshRecommendations(user), refreshHistory(user)])
}

/**
 * Fetches the list of a user, as of a position where one is given, and shows it unless a later one was asked for
 * meanwhile. Resolves with when the answer was in hand, or undefined where it is not shown or does not reflect the position.
 */
export async function refreshRecommendations(user, after) {
  const mine = ++newest
  const answer = await recommendedAfter(user, after)
  const at = performance.now()
  await learn(answer.items.flatMap(({ itemId, because }) => [itemId, ...because.map((past) => past.itemId)]))
  if (mine !== newest || user !== state.user) return undefined
  const before = state.recommended?.items
  change({ recommended: answer, moves: before && movesOf(before, answer.items) })
  return answer.degraded.includes('behind') ? undefined : at
}

async function recommendedAfter(user, after) {
  const ask = () => read(path('v1/users', user, 'recommendations'), { limit: recommendations, after })
  let answer = await ask()
  for (let left = retriesWhenBehind; left > 0 && answer.degraded.includes('behind'); left--) answer = await ask()
  return answer
}

export async function refreshHistory(user) {
  const { items } = await read(path('v1/users', user, 'interactions'), { limit: interactions })
  await learn(items.map(({ itemId }) => itemId))
  if (user === state.user) change({ history: items })
}

/** By item: how many places it rose (negative: fell), or `new`; and how many left. */
function movesOf(before, after) {
  const places = new Map(before.map(({ itemId }, place) => [itemId, place]))
  const moves = new Map()
  after.forEach(({ itemId }, place) => {
    const was = places.get(itemId)
    if (was === undefined) moves.set(itemId, 'new')
    else if (was !== place) moves.set(itemId, was - place)
    places.delete(itemId)
  })
  return { moves, left: places.size }
}
