import { element, icon } from './element.js'

const choices = [
  ['like', 'like', 'Like'],
  ['dislike', 'dislike', 'Not for me'],
  ['seen', 'view', 'Seen it'],
]

/** Like, not for me, seen. */
export function actionButtons(choose, name) {
  return element(
    'div',
    { class: 'acts', role: 'group', 'aria-label': `What of ${name}` },
    choices.map(([shape, type, label]) =>
      element(
        'button',
        {
          type: 'button',
          class: `act ${shape}`,
          title: label,
          'aria-label': `${label}: ${name}`,
          onclick(event) {
            event.currentTarget.classList.add('done')
            choose(type)
          },
        },
        icon(shape),
        element('span', {}, label),
      ),
    ),
  )
}
