const calm = matchMedia('(prefers-reduced-motion: reduce)')
const easing = 'cubic-bezier(.2, .8, .2, 1)'

/**
 * Puts `nodes` into `list` in their order and lets each glide from where it was; new ones rise in, old ones fade away.
 * Where less motion is asked for, all of that happens at once.
 */
export function rearrange(list, nodes) {
  const isMoving = !calm.matches && list.childElementCount > 0
  const stays = new Set(nodes)
  const before = new Map(isMoving ? Array.from(list.children, (node) => [node, node.getBoundingClientRect()]) : [])
  for (const node of before.keys()) if (!stays.has(node)) before.delete(node)
  const leaving = Array.from(list.children).filter((node) => !stays.has(node))
  if (isMoving) for (const node of leaving) fadeAway(list, node)
  else for (const node of leaving) node.remove()
  nodes.forEach((node, place) => {
    const there = inFlow(list)[place]
    if (there !== node) list.insertBefore(node, there ?? null)
  })
  if (isMoving) for (const node of nodes) glide(node, before.get(node))
}

function inFlow(list) {
  return Array.from(list.children).filter((node) => !node.classList.contains('leaving'))
}

function glide(node, from) {
  if (from === undefined) {
    const keyframes = [{ opacity: 0, transform: 'translateY(14px) scale(.98)' }, {}]
    node.animate(keyframes, { duration: 460, delay: 90, easing, fill: 'backwards' })
    return
  }
  const to = node.getBoundingClientRect()
  const [x, y] = [from.left - to.left, from.top - to.top]
  if (Math.abs(x) + Math.abs(y) < 1) return
  node.animate([{ transform: `translate(${x}px, ${y}px)` }, {}], { duration: 460, easing })
}

function fadeAway(list, node) {
  if (node.classList.contains('leaving')) return
  const [{ left, top, width, height }, frame] = [node.getBoundingClientRect(), list.getBoundingClientRect()]
  node.classList.add('leaving')
  node.setAttribute('inert', '')
  const place = { left: left - frame.left, top: top - frame.top, width, height }
  for (const [name, value] of Object.entries(place)) node.style.setProperty(name, `${value}px`)
  list.append(node)
  const gone = node.animate([{}, { opacity: 0, transform: 'scale(.94)' }], { duration: 260, easing, fill: 'forwards' })
  gone.addEventListener('finish', () => node.remove())
}
