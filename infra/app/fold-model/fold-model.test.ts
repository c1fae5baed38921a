import { avroCodec } from '#infra/avro/codec.ts'
import { describe, expect, it } from 'vitest'
import { sabotages } from './sabotages.fixture.ts'
import { runSchedule } from './schedule.fixture.ts'

const codec = avroCodec()
const schedules = 2_000
const sabotagedSchedules = 150

describe('The fold protocol', () => {
  it(`ends byte for byte in the straight fold under ${schedules} random schedules`, { timeout: 240_000 }, async () => {
    for (let seed = 0; seed < schedules; seed++) {
      expect({ seed, broken: await runSchedule(seed, codec) }).toEqual({ seed, broken: [] })
    }
  })

  for (const [rule, sabotage] of Object.entries(sabotages)) {
    it(`breaks when ${rule}`, { timeout: 60_000 }, async () => {
      let broken = 0
      for (let seed = 0; seed < sabotagedSchedules; seed++) {
        if ((await runSchedule(seed, codec, sabotage)).length > 0) broken++
      }
      expect(broken).toBeGreaterThan(0)
    })
  }
})
