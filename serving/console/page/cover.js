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
  ['#14422f', '#a5d99a'],
  ['#4b2140', '#f0a6c8'],
  ['#1f2a5a', '#9db4f5'],
  ['#52331a', '#f3b873'],
  ['#5a2323', '#f4a67f'],
  ['#0f4450', '#7fd6d0'],
  ['#443a5e', '#d9c2f0'],
  ['#3d4a1e', '#d5dc8a'],
]

/** Chosen so that common categories of films get palettes of their own. */
const apart = 902

function drawn(item) {
  const { name } = titleParts(item.title)
  const [ground, glow] = palettes[hash(item.categories.at(-1) ?? item.itemId, apart) % palettes.length]
  const seed = hash(item.itemId)
  const draw = motifs[seed % motifs.length]
  return element(
    'svg',
    { class: 'cover', viewBox: '0 0 120 120', preserveAspectRatio: 'xMinYMax slice', 'aria-hidden': 'true' },
    element('rect', { width: 120, height: 120, fill: ground }),
    element('g', { fill: glow, stroke: glow, 'fill-opacity': 0.16, 'stroke-opacity': 0.5 }, draw(random(seed))),
    element(
      'text',
      { x: 12, y: 108, fill: glow, 'font-size': 24, 'font-weight': 650, 'letter-spacing': -1 },
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
    const y = 54 + next() * 10
    const waves = [0, 1, 2, 3].map((n) => wave(y + 22 + n * 9, 4 - n * 0.8, 26 + next() * 20))
    return [
      element('circle', { cx: 44 + next() * 24, cy: y, r: 13 + next() * 6, 'fill-opacity': 0.75, stroke: 'none' }),
      ...waves,
    ]
  },
  // Ripples.
  (next) => {
    const [cx, cy] = [24 + next() * 60, 44 + next() * 30]
    return [9, 19, 31, 45, 61].map((r, n) => element('circle', { cx, cy, r, fill: n === 0 ? undefined : 'none' }))
  },
  // Ridges.
  (next) =>
    [0, 1, 2].map((n) => {
      const base = 50 + n * 17
      const [a, b, c] = [next() * 18, next() * 20, next() * 16]
      return element('path', {
        d: `M0 ${base + a} L30 ${base - b} L62 ${base + c} L92 ${base - a} L120 ${base + b} V120 H0Z`,
        stroke: 'none',
        'fill-opacity': 0.12 + n * 0.07,
      })
    }),
  // Beams.
  (next) => {
    const x = 10 + next() * 100
    return [0, 1, 2, 3, 4].map((n) => {
      const left = -70 + n * 54 + next() * 16
      return element('path', { d: `M${x} -10 L${left} 130 L${left + 20} 130Z`, stroke: 'none' })
    })
  },
  // Overlapping discs.
  (next) =>
    [0, 1, 2].map((n) =>
      element('circle', {
        cx: 24 + n * 26 + next() * 12,
        cy: 48 + next() * 26,
        r: 16 + next() * 12,
        stroke: 'none',
        'fill-opacity': 0.22,
      }),
    ),
  // The race itself.
  (next) => [0, 1, 2, 3, 4, 5].map((n) => wave(30 + n * 13, 3 + n * 0.8, 40 + next() * 24)),
]

function wave(y, height, length) {
  let d = `M-10 ${y}`
  for (let x = -10; x < 130; x += length) d += ` q${length / 4} ${-height} ${length / 2} 0 t${length / 2} 0`
  return element('path', { d, fill: 'none', 'stroke-width': 1.4 })
}

function hash(text, salt = 0) {
  let value = 2_166_136_261 ^ salt
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
