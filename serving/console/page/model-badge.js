import { element } from './element.js'
import { onChange, state } from './state.js'

/** Which model and generation the list was made with. */
export function modelBadge(node) {
  onChange(['recommended'], () => {
    if (state.recommended === undefined) return
    const { modelVersion, generation } = state.recommended
    node.title =
      modelVersion === null
        ? 'No model has been trained yet: trends and what is chosen together decide.'
        : `Model ${modelVersion}, generation ${generation}`
    node.replaceChildren(
      element('span', { class: 'label' }, 'Model'),
      element('b', {}, modelVersion === null ? 'none yet' : `…${modelVersion.slice(-6)}`),
    )
  })
}
