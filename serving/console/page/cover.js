import { element } from './element.js'
import { titleParts } from './words.js'

/** The item's picture; where it has none, or it does not load, one drawn from its last category, id and initials. */
export function cover(item) {
  if (item.imageUrl === null) return drawn(item)
  const picture = element('img', { class: 'cover', alt: '', loading: 'lazy', referrerpolicy: 'no-referrer' })
  picture.addEventListener('error', () => picture.replaceWith(drawn(item)), { once: true })
  picture.src = item.imageUrl
  return picture
}

/** Pairs that go together: the ground and what glows on it. */
const palettes = [
  ['#12343b', '#e1b382'],
  ['#2d2a4a', '#f2a48e'],
  ['#3b1c32', '#d98cb3'],
  ['#0f3d3e', '#9fd8c8'],
  ['#1d3557', '#a8cfe0'],
  ['#4a2c2a', '#e9b872'],
  ['#233329', '#b7cf8c'],
  ['#37304f', '#b9a7e8'],
  ['#40222b', '#f0958a'],
  ['#213a4c', '#7fc6d6'],
  ['#3a3322', '#e6cf7e'],
  ['#2b2f38', '#b6c0cf'],
]

function drawn(item) {
  const { name } = titleParts(item.title)
  const [ground, glow] = palettes[hash(item.categories.at(-1) ?? item.itemId) % palettes.length]
  const seed = hash(item.itemId)
  const draw = motifs[seed % motifs.length]
  return element(
    'svg',
    { class: 'cover', viewBox: '0 0 120 160', preserveAspectRatio: 'xMinYMax slice', 'aria-hidden': 'true' },
    element('rect', { width: 120, height: 160, fill: ground }),
    element('g', { fill: glow, stroke: glow, 'fill-opacity': 0.16, 'stroke-opacity': 0.5 }, draw(random(seed))),
    element(
      'text',
      { x: 12, y: 146, fill: glow, 'font-size': 30, 'font-weight': 650, 'letter-spacing': -1 },
      initials(name),
    ),
  )
}

function initials(name) {
  const words = name.split(/[\s\-–:,.!?&/()'’"<>=]+/u).filter((word) => word !== '')
  const chosen =
    words.length > 1 ? words.filter((word) => !/^(the|a|an|of|and|le|la|les|der|die|das)$/i.test(word)) : words
  const letters = (chosen.length === 0 ? words : chosen).slice(0, 2).map((word) => Array.from(word)[0])
  return (letters.join('') || '·').toUpperCase()
}

const motifs = [
  // A sun over water.
  (next) => {
    const y = 48 + next() * 22
    const waves = [0, 1, 2, 3].map((n) => wave(y + 26 + n * 12, 5 - n, 26 + next() * 20))
    return [
      element('circle', { cx: 40 + next() * 40, cy: y, r: 20 + next() * 10, 'fill-opacity': 0.75, stroke: 'none' }),
      ...waves,
    ]
  },
  // Ripples.
  (next) => {
    const [cx, cy] = [20 + next() * 80, 30 + next() * 50]
    return [14, 28, 44, 62, 82].map((r, n) => element('circle', { cx, cy, r, fill: n === 0 ? undefined : 'none' }))
  },
  // Ridges.
  (next) =>
    [0, 1, 2].map((n) => {
      const base = 54 + n * 20
      const [a, b, c] = [next() * 26, next() * 30, next() * 24]
      return element('path', {
        d: `M0 ${base + a} L30 ${base - b} L62 ${base + c} L92 ${base - a} L120 ${base + b} V160 H0Z`,
        stroke: 'none',
        'fill-opacity': 0.14 + n * 0.1,
      })
    }),
  // Beams.
  (next) => {
    const x = 10 + next() * 100
    return [0, 1, 2, 3, 4].map((n) => {
      const left = -70 + n * 54 + next() * 16
      return element('path', { d: `M${x} -10 L${left} 170 L${left + 22} 170Z`, stroke: 'none' })
    })
  },
  // Overlapping discs.
  (next) =>
    [0, 1, 2].map((n) =>
      element('circle', {
        cx: 26 + n * 32 + next() * 12,
        cy: 40 + next() * 46,
        r: 22 + next() * 18,
        stroke: 'none',
        'fill-opacity': 0.22,
      }),
    ),
  // The race itself.
  (next) => [0, 1, 2, 3, 4, 5].map((n) => wave(24 + n * 15, 4 + n, 40 + next() * 24)),
]

function wave(y, height, length) {
  let d = `M-10 ${y}`
  for (let x = -10; x < 130; x += length) d += ` q${length / 4} ${-height} ${length / 2} 0 t${length / 2} 0`
  return element('path', { d, fill: 'none', 'stroke-width': 1.4 })
}

function hash(text) {
  let value = 2_166_136_261
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619)
  value = Math.imul(value ^ (value >>> 15), 2_246_822_519)
  return (value ^ (value >>> 13)) >>> 0
}

/** Numbers in [0, 1), the same for the same seed. */
function random(seed) {
  let value = seed
  return () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0
    return value / 4_294_967_296
  }
}
