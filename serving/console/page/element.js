const svgNames = new Set(['svg', 'g', 'path', 'rect', 'circle', 'line', 'polyline', 'text'])

/**
 * Makes an element. Strings become text nodes, never markup; a property that begins with `on` is a listener, one that
 * begins with `--` a custom property; undefined, null and false leave things out.
 */
export function element(name, properties = {}, ...children) {
  const made = svgNames.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value)
    else if (key.startsWith('--')) made.style.setProperty(key, String(value))
    else made.setAttribute(key, value === true ? '' : String(value))
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false))
  return made
}

/** A line drawing of 16 by 16. */
export function icon(name) {
  return element(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' },
    element('path', { d: shapes[name] }),
  )
}

const shapes = {
  like: 'M8 13.400 2.900 8.300a3.200 3.200 0 0 1 4.500-4.500l.6.600.6-.6a3.200 3.200 0 0 1 4.500 4.500Z',
  dislike: 'M3.500 3.500l9 9m0-9l-9 9',
  seen: 'M1.500 8s2.400-4.300 6.500-4.300S14.500 8 14.500 8 12.100 12.300 8 12.300 1.500 8 1.500 8Zm6.500 1.900a1.900 1.900 0 1 0 0-3.800 1.900 1.900 0 0 0 0 3.800Z',
  close: 'M3.500 3.500l9 9m0-9l-9 9',
  person: 'M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8Zm-5 5.600c.5-2.600 2.400-4 5-4s4.500 1.400 5 4',
  search: 'M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9Zm3.300-1.200 3.200 3.200',
}
