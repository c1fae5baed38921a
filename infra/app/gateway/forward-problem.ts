import { problem, type Problem } from '#schemas/api/problem.ts'
import type { ForwardEnd } from './forward.ts'
import type { Route } from './routing.ts'

/** What is answered to a request that no instance has answered. */
export function forwardProblem(end: Exclude<ForwardEnd, { readonly type: 'answered' }>, route: Route): Problem {
  switch (end.type) {
    case 'unavailable':
      return end.isFull
        ? problem(503, 'overloaded', 'Overloaded', `Every instance of ${route.role} has as much to do as it can.`)
        : problem(503, 'unavailable', 'Unavailable', `No instance of ${route.role} can be reached at the moment.`)
    case 'malformed':
      return problem(400, 'invalid-request', 'Bad Request', 'The request has something in it that HTTP does not allow.')
    case 'too-late':
      return problem(504, 'deadline-exceeded', 'Deadline exceeded', `The time for it is over. ${outcome(end, route)}`)
    case 'failed':
    case 'broken':
    case 'cancelled':
      return end.type === 'failed' && !end.sent
        ? problem(503, 'unavailable', 'Unavailable', `No instance of ${route.role} took the request.`)
        : problem(502, 'upstream-failed', 'Instance failed', `The connection broke. ${outcome({ sent: true }, route)}`)
  }
}

function outcome({ sent }: { readonly sent: boolean }, route: Route): string {
  if (route.isRead) return 'The same request may succeed later.'
  return sent
    ? 'It may have been done or not; sent again with the same ids, it counts once.'
    : 'It was not done; send it again.'
}
