import { long, record } from './schema.ts'

export const position = record('Position', { epoch: long, partition: long, offset: long })
