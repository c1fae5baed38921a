import { element, icon } from './element.js'
import { count } from './words.js'

const most = 7

/** A search box over users (the combobox pattern of WAI-ARIA): arrows choose, Enter takes, Esc closes. Any id may be typed. */
export function suggestions(label, choose) {
  const list = element('ul', {
    id: 'suggestions',
    class: 'suggestions',
    role: 'listbox',
    'aria-label': 'Users',
    hidden: true,
  })
  const input = element('input', {
    type: 'text',
    role: 'combobox',
    'aria-label': label,
    placeholder: 'Find a user',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 256,
    'aria-expanded': 'false',
    'aria-controls': 'suggestions',
    'aria-autocomplete': 'list',
  })
  let users = []
  let chosen = -1

  function open() {
    const options = matching(users, input.value.trim())
    list.replaceChildren(...options.map(option))
    mark(-1)
    show(options.length > 0)
  }

  function option({ userId, line }, place) {
    return element(
      'li',
      {
        id: `suggestion-${place}`,
        role: 'option',
        'aria-selected': 'false',
        'data-user': userId,
        // Before the input loses the focus, which closes the list.
        onpointerdown(event) {
          event.preventDefault()
          take(userId)
        },
      },
      element('span', {}, userId),
      element('small', {}, line),
    )
  }

  function take(userId) {
    input.value = ''
    show(false)
    choose(userId)
  }

  function show(isOpen) {
    list.hidden = !isOpen
    input.setAttribute('aria-expanded', String(isOpen))
  }

  function mark(place) {
    chosen = place
    Array.from(list.children).forEach((each, at) => each.setAttribute('aria-selected', String(at === place)))
    if (place < 0) input.removeAttribute('aria-activedescendant')
    else input.setAttribute('aria-activedescendant', `suggestion-${place}`)
  }

  input.addEventListener('input', open)
  input.addEventListener('focus', open)
  input.addEventListener('blur', () => show(false))
  input.addEventListener('keydown', (event) => {
    const options = list.children.length
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (list.hidden) open()
      else mark((chosen + (event.key === 'ArrowDown' ? 1 : options + (chosen < 0 ? 0 : -1))) % options)
    } else if (event.key === 'Enter') {
      const userId = list.hidden ? undefined : list.children[Math.max(0, chosen)]?.dataset.user
      if (userId !== undefined) take(userId)
    } else if (event.key === 'Escape') show(false)
  })

  return {
    node: element('div', { class: 'search' }, icon('search'), input, list),
    offer: (known) => {
      users = known
    },
  }
}

/** Those that begin with the text first; last the text itself, where nobody is called so. */
function matching(users, text) {
  const wanted = text.toLowerCase()
  const found = users.filter(({ userId }) => userId.toLowerCase().includes(wanted))
  const begins = ({ userId }) => (userId.toLowerCase().startsWith(wanted) ? 0 : 1)
  const best = text === '' ? evenly(found) : found.toSorted((a, b) => begins(a) - begins(b)).slice(0, most)
  const options = best.map(({ userId, interactions }) => ({ userId, line: count(interactions, 'interaction') }))
  const isExact = text === '' || found.some(({ userId }) => userId === text)
  return isExact ? options : [...options.slice(0, most - 1), { userId: text, line: 'take this id' }]
}

/** Some with long histories and some with short ones. */
function evenly(users) {
  const step = Math.max(1, users.length / most)
  return Array.from({ length: Math.min(most, users.length) }, (_, n) => users[Math.floor(n * step)])
}
