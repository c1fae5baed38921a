import { expect, it } from 'vitest'
import { speculativeReads } from './speculative-reads.ts'

function delays(nodes: number, query: string | object[]): unknown[] {
  const plan = speculativeReads(() => nodes).newPlan('keyspace', query)
  return [plan.nextExecution(), plan.nextExecution()]
}

it('One more replica is asked for a slow read, never for a write', () => {
  expect(delays(3, 'SELECT state FROM rows')).toEqual([expect.any(Number), -1])
  expect(delays(3, 'INSERT INTO rows')).toEqual([-1, -1])
  expect(delays(3, [{ query: 'INSERT INTO rows' }])).toEqual([-1, -1])
  expect(delays(1, 'SELECT state FROM rows')).toEqual([-1, -1])
})
