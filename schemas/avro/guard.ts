import { long } from './schema.ts'

export const guard = { epoch: long, partition: long, offset: long }
