import { keepKey } from './api.js'
import { element } from './element.js'

const waiting = new Set()

/** Asks for an API key, kept for this tab, and then goes on with everything that waited for one. */
export function askForKey(then) {
  waiting.add(then)
  const dialog = document.getElementById('key')
  if (dialog.open) return
  const input = element('input', { type: 'password', id: 'key-value', autocomplete: 'off', required: true })
  const form = element(
    'form',
    {
      onsubmit(event) {
        event.preventDefault()
        keepKey(input.value.trim())
        dialog.close()
        const goOn = [...waiting]
        waiting.clear()
        for (const each of goOn) void each()
      },
    },
    element('h2', { id: 'key-title' }, 'This Millrace asks for an API key'),
    element('p', { class: 'quiet' }, 'It stays in this tab and is sent to this server only.'),
    element('label', { for: 'key-value' }, 'API key'),
    input,
    element('button', { type: 'submit', class: 'solid' }, 'Continue'),
  )
  dialog.replaceChildren(form)
  dialog.showModal()
}
