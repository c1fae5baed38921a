import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

/** Describes every route registered after this call, from the schemas that validate it, as OpenAPI 3.1. */
export function describeRoutes(app: FastifyInstance, version: string, keyed: boolean): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Millrace',
        version,
        description:
          'An event-sourced streaming recommender. Errors are problem details (RFC 9457); branch on their `code`.',
      },
      tags: [
        { name: 'interactions', description: 'What users did' },
        { name: 'items', description: 'The catalogue' },
        { name: 'users', description: 'What is known of a user' },
        { name: 'recommendations', description: 'What to show' },
        { name: 'catalogue', description: 'What a page needs beside the lists' },
        { name: 'operations', description: 'Health, metrics, this description' },
      ],
      ...(keyed ? securedByKeys : {}),
    },
  })
}

const securedByKeys = {
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer' },
      header: { type: 'apiKey' as const, in: 'header' as const, name: 'X-API-Key' },
    },
  },
  security: [{ bearer: [] }, { header: [] }],
}
