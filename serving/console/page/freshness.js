import { element } from './element.js'
import { onChange, state } from './state.js'
import { milliseconds } from './words.js'

const [width, height] = [84, 24]

/** From sending a click to having the list that reflects it: the last one in ms, and those before as bars. */
export function freshness(node) {
  const number = element('b', {}, '–')
  const spark = element('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' })
  node.append(
    element('span', { class: 'pulse', 'aria-hidden': 'true' }),
    element('span', { class: 'label' }, 'Click to new list'),
    element('span', { class: 'figure' }, number, element('small', {}, 'ms')),
    spark,
  )
  node.title = 'From sending a click to having the list that reflects it'

  onChange(['timings'], () => {
    const last = state.timings.at(-1)
    number.textContent = milliseconds(last.listed)
    const steps = [
      `on the log for good after ${milliseconds(last.durable)} ms`,
      `the new list here after ${milliseconds(last.listed)} ms`,
      `on the screen after ${milliseconds(last.drawn)} ms`,
    ]
    node.title = `Your last click: ${steps.join(', ')}`
    spark.replaceChildren(...drawn(state.timings.map(({ listed }) => listed)))
    node.classList.remove('beat')
    // Reading the width makes the animation begin again.
    void node.offsetWidth
    node.classList.add('beat')
  })
}

function drawn(values) {
  const most = Math.max(...values, 1)
  const step = width / Math.max(8, values.length)
  return values.map((value, at) => {
    const tall = Math.max(2, (value / most) * (height - 2))
    const isLast = at === values.length - 1
    return element('rect', {
      class: isLast ? 'last' : undefined,
      x: (at * step).toFixed(1),
      y: (height - tall).toFixed(1),
      width: Math.max(1.5, step - 2).toFixed(1),
      height: tall.toFixed(1),
      rx: 1.2,
    })
  })
}
