/** Those of `npm start`: a larger young generation is collected less often, and answers wait for its collection. */
export const serverFlags: readonly string[] = ['--max-semi-space-size=64']
