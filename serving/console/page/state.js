const listeners = new Set()

/** What the page knows. Changed by `change` only. */
export const state = {
  user: undefined,
  /** Answer to the recommendations of `user`, and to the trending list. */
  recommended: undefined,
  trending: undefined,
  history: undefined,
  /** Newest last: what a click took, ms. */
  timings: [],
  /** What the last click did to the list. */
  moves: undefined,
}

/** Sets some of the state and tells who listens what changed. */
export function change(changes) {
  Object.assign(state, changes)
  for (const listener of listeners) listener(changes)
}

/** Calls back after every change of one of the named parts. */
export function onChange(names, listener) {
  listeners.add((changes) => {
    if (names.some((name) => Object.hasOwn(changes, name))) listener()
  })
}
