import { ApiError } from './api.js'
import { element } from './element.js'
import { askForKey } from './key-prompt.js'

const retryAfterMs = 3_000
/** What failed and is to be tried again, in order. */
const pending = new Set()
let waiting

/**
 * Runs something that asks the server. Where that fails, the page says so and offers to try again, which it also does by
 * itself after a while; a missing API key is asked for. Resolves with whether it went well.
 */
export async function guarded(run) {
  pending.delete(run)
  try {
    await run()
    if (pending.size === 0) notice().hidden = true
    return true
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 401) askForKey(() => guarded(run))
    else tell(error, run)
    return false
  }
}

function tell(error, run) {
  clearTimeout(waiting)
  const isTemporary = error.status === 0 || error.status === 503
  if (isTemporary) {
    pending.add(run)
    waiting = setTimeout(retry, retryAfterMs)
  }
  const [title, text] = said(error)
  const [label, act] = isTemporary ? ['Try again', retry] : ['Close', hide]
  notice().replaceChildren(
    element('p', {}, element('strong', {}, title), ` ${text}`),
    element('button', { type: 'button', class: 'plain', onclick: act }, label),
  )
  notice().hidden = false
}

function retry() {
  clearTimeout(waiting)
  const again = [...pending]
  pending.clear()
  for (const run of again) void guarded(run)
}

function hide() {
  notice().hidden = true
}

function said(error) {
  if (error.status === 0)
    return ['Millrace is out of reach.', 'Is it running? What was answered is safe; this page tries again by itself.']
  if (error.status === 503) return ['One moment.', `${error.message} This page tries again by itself.`]
  return ['That did not work.', error.message]
}

function notice() {
  return document.getElementById('notice')
}
