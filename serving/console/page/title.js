import { element } from './element.js'
import { titleParts } from './words.js'

/** A title to show: its year, where it ends in one, is quieter. */
export function titleOf(item) {
  const { name, year } = titleParts(item.title)
  return year === undefined ? [name] : [name, ' ', element('span', { class: 'year' }, year)]
}
