import { setTimeout as sleep } from 'node:timers/promises'
import type { Measure } from '../bench.ts'
import { rate, short } from '../figures.ts'
import { cpuMeter } from './processes.ts'
import { startProcessor, type Processor } from './processor.ts'
import type { World } from './world.ts'

export interface TablesForPeople {
  readonly measures: readonly Measure[]
  /** Processor microseconds an interaction, of the processor and of Cassandra. */
  readonly processorMicros: number
  readonly cassandraMicros: number
}

const task = 'readable interactions'
const patienceSeconds = 15

/** Lets a processor that has nothing else to do fill the tables for people for a while, from the beginning of the log. */
export async function measureTables(world: World, seconds: number): Promise<TablesForPeople> {
  const processor = await startProcessor({ ...world.config, readableTables: true })
  try {
    const until = performance.now() + patienceSeconds * 1000
    while ((await carried(processor)) === 0 && performance.now() < until) await sleep(100)
    const before = await carried(processor)
    const meter = cpuMeter({ processor: processor.pid, cassandra: world.pids.cassandra })
    const began = performance.now()
    await sleep(seconds * 1000)
    const count = (await carried(processor)) - before
    const took = (performance.now() - began) / 1000
    const cpu = meter()
    const processorMicros = (cpu.processor * 1e6) / count
    const cassandraMicros = (cpu.cassandra * 1e6) / count
    const what = 'tables for people, filled by a processor that has nothing else to do: interactions carried'
    const measured = `${rate(count, took)}; ${short(processorMicros)} µs of the processor and ${short(cassandraMicros)} µs of Cassandra each`
    return { measures: [{ what, measured }], processorMicros, cassandraMicros }
  } finally {
    await processor.stop()
  }
}

async function carried(processor: Processor): Promise<number> {
  const { traffic } = await processor.state()
  return Object.values(traffic.positions[task] ?? {}).reduce((sum, offset) => sum + offset, 0)
}
