import { readFile } from 'node:fs/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { problemAnswers } from '#schemas/api/write-answers.ts'

/** Makes the description whole that is answered, from the one of this server's own routes. */
export type Describe = (own: object, request: FastifyRequest) => Promise<Record<string, unknown>>

/** `/openapi.json`, and `/docs`: a page of our own that reads it, without anything from elsewhere. */
export function descriptionRoutes(describe: Describe = async (own) => ({ ...own })) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get(
      '/openapi.json',
      {
        schema: {
          tags: ['operations'],
          summary: 'This description',
          description: 'OpenAPI 3.1.',
          response: { 200: Type.Object({ openapi: Type.String() }, { additionalProperties: true }), ...problemAnswers },
        },
      },
      (request) => describe(app.swagger(), request),
    )
    for (const { path, file, mediaType } of pageFiles) {
      const content = await readFile(new URL(`./docs/${file}`, import.meta.url))
      app.get(path, { config: { open: true }, schema: { hide: true } }, (_, reply) => {
        void reply.type(mediaType).header('cache-control', 'no-cache').send(content)
      })
    }
  }
}

const pageFiles = [
  { path: '/docs', file: 'docs.html', mediaType: 'text/html; charset=utf-8' },
  { path: '/docs/docs.js', file: 'docs.js', mediaType: 'text/javascript; charset=utf-8' },
  { path: '/docs/docs.css', file: 'docs.css', mediaType: 'text/css; charset=utf-8' },
]
