import { ApiError } from './api.js'
import { element } from './element.js'
import { askForKey } from './key-prompt.js'

const retryAfterMs = 3_000
let waiting

/**
 * Runs something that asks the server. Where that fails, the page says so and offers to try again, which it also does by
 * itself after a while; a missing API key is asked for. Resolves with whether it went well.
 */
export async function guarded(run) {
  try {
    await run()
    clear()
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false
    if (!(error instanceof ApiError)) throw error
    if (error.status === 401) askForKey(() => guarded(run))
    else tell(error, run)
    return false
  }
}

function clear() {
  clearTimeout(waiting)
  notice().hidden = true
}

function tell(error, run) {
  clearTimeout(waiting)
  const isTemporary = error.status === 0 || error.status === 503
  const retry = () => {
    clearTimeout(waiting)
    void guarded(run)
  }
  if (isTemporary) waiting = setTimeout(retry, retryAfterMs)
  const [title, text] = said(error)
  notice().replaceChildren(
    element('p', {}, element('strong', {}, title), ` ${text}`),
    element('button', { type: 'button', class: 'plain', onclick: retry }, 'Try again'),
  )
  notice().hidden = false
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
