import { isActing } from './act.js'
import { path, read } from './api.js'
import { showUser } from './lists.js'
import { guarded } from './notice.js'
import { state } from './state.js'

const everyMs = 3_000

/** Notices what others do: an interaction that came another way, and a model that was switched. */
export function watch() {
  setInterval(() => {
    const isShown = state.history !== undefined && state.recommended !== undefined
    if (isShown && !document.hidden && !isActing()) void guarded(look)
  }, everyMs)
}

async function look() {
  const { user } = state
  const [{ items }, { modelVersion }] = await Promise.all([
    read(path('v1/users', user, 'interactions'), { limit: 1 }),
    read('v1/trending', { limit: 1 }),
  ])
  if (user !== state.user || state.recommended === undefined || isActing()) return
  const isNewer = items[0]?.id !== state.history?.[0]?.id || state.recommended.items.length === 0
  if (isNewer || modelVersion !== state.recommended.modelVersion) await showUser(user)
}
