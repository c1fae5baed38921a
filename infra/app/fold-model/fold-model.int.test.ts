import { avroCodec } from '#infra/avro/codec.ts'
import { describe, expect, it } from 'vitest'
import { runSchedule } from './schedule.fixture.ts'

const codec = avroCodec()
const schedules = 20_000

describe('The fold protocol', () => {
  it(
    `ends byte for byte in the straight fold under ${schedules} random schedules`,
    { timeout: 1_800_000 },
    async () => {
      for (let seed = 10_000; seed < 10_000 + schedules; seed++) {
        expect({ seed, broken: await runSchedule(seed, codec) }).toEqual({ seed, broken: [] })
      }
    },
  )
})
