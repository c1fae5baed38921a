const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const units = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

export function timeAgo(time, now = Date.now()) {
  const [unit, ms] = units.find(([, length]) => now - time >= length) ?? []
  return unit === undefined ? 'just now' : relative.format(-Math.floor((now - time) / ms), unit)
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

export function milliseconds(ms) {
  return ms < 10 ? ms.toFixed(1) : ms < 1000 ? String(Math.round(ms)) : Math.round(ms).toLocaleString('en')
}

export function percent(share) {
  return `${Math.round(share * 100)} %`
}

/** Three decimals, with a real minus sign; `+` before what adds when `signed`. */
export function decimal(number, signed = false) {
  const text = Math.abs(number).toFixed(3)
  return `${number < 0 ? '−' : signed ? '+' : ''}${text}`
}

/** `Heat (1995)` as the title and the year that many catalogues put behind it. */
export function titleParts(title) {
  const match = /^(.+) \((\d{4})\)$/.exec(title)
  return match === null ? { name: title, year: undefined } : { name: match[1], year: match[2] }
}

export const sources = {
  factors: 'Learned taste',
  neighbours: 'Goes with your likes',
  profile: 'People like you',
  'co-views': 'Chosen together',
  content: 'Alike in content',
  trending: 'Trending',
  popular: 'Popular',
  affinity: 'Favourite category',
  new: 'New',
  lists: 'Prepared list',
}

/** The addends of a score, as the API names them. */
export const addends = {
  factorScore: 'Learned taste',
  factorPlace: 'Place by learned taste',
  factor: 'Same audience',
  coView: 'Chosen together',
  coViewRoot: 'Chosen together at all',
  content: 'Alike in content',
  trendingNow: 'Popularity this hour',
  trending: 'Popularity this week',
  trendingPlace: 'Place in what trends',
  popularity: 'Popularity of all time',
  affinity: 'Favourite categories',
  new: 'New arrival',
  diversity: 'Variety',
  place: 'Place in the list',
}

export const degradedModes = {
  stale: ['Cached history', 'The row of this user could not be read; a cached one was used.'],
  session: ['This session only', 'Nothing but this request is known of the user.'],
  affinities: ['No learned taste yet', 'No trained model knows these items: co-views, content and trends decide.'],
  lists: ['Prepared list', 'A list made when the model was published.'],
  cold: ['First visit', 'Nothing is known of this visitor yet: this is what trends.'],
  behind: ['Catching up', 'The last click is safe on the log but not in this list yet.'],
}

export const actions = {
  view: 'Viewed',
  click: 'Opened',
  like: 'Liked',
  cart: 'Put in the cart',
  purchase: 'Bought',
  rating: 'Rated',
  dislike: 'Disliked',
  remove: 'Removed',
}
