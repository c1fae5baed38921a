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
  like: 'M8 13.4 2.9 8.3a3.2 3.2 0 0 1 4.5-4.5l.6.6.6-.6a3.2 3.2 0 0 1 4.5 4.5Z',
  dislike: 'M3.5 3.5l9 9m0-9l-9 9',
  seen: 'M1.5 8s2.4-4.3 6.5-4.3S14.5 8 14.5 8 12.1 12.3 8 12.3 1.5 8 1.5 8Zm6.5 1.9a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8Z',
  close: 'M3.5 3.5l9 9m0-9l-9 9',
  person: 'M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8Zm-5 5.6c.5-2.6 2.4-4 5-4s4.5 1.4 5 4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2',
}
