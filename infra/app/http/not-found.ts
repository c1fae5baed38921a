import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '#schemas/api/problem.ts'
import { sendProblem } from './problem-answers.ts'

/**
 * Answers what no route takes: 405 with `Allow` where the path is known under other methods, else 404. Only routes
 * registered after this call are known.
 */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly method: string }[] = []
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) routes.push({ pattern: patternOf(route.url), method })
  })
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0] ?? '/'
    const allowed = new Set(routes.filter((route) => route.pattern.test(path)).map((route) => route.method))
    if (allowed.size === 0) {
      sendProblem(reply, problem(404, 'not-found', 'Not found', `There is nothing at ${path}.`))
      return
    }
    const methods = [...allowed].sort().join(', ')
    void reply.header('allow', methods)
    sendProblem(reply, problem(405, 'method-not-allowed', 'Method not allowed', `${path} takes ${methods}.`))
  })
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/')
  return new RegExp(`^${source}$`)
}
