import { expect, it } from 'vitest'
import { instanceNames, oneOfEach, parseInstances, portNames } from './plan.ts'

it('Instances are counted by role, and kept where nothing is said', () => {
  const two = parseInstances('process=2, serve=3')
  expect(two).toEqual({ ...oneOfEach, process: 2, serve: 3 })
  expect(parseInstances('', two)).toEqual(two)
  expect(parseInstances('serve=1', two)).toEqual({ ...oneOfEach, process: 2 })
})

it('What is no count of a role is refused', () => {
  for (const text of ['proces=2', 'process', 'process=0', 'process=9', 'gateway=2', 'process=2;serve=2']) {
    expect(() => parseInstances(text)).toThrow(`--instances needs role=count`)
  }
})

it('The second instance bears the number two', () => {
  const names = instanceNames({ ...oneOfEach, process: 2 }).map(({ name }) => name)
  expect(names).toEqual(['ingest', 'process', 'process-2', 'serve', 'train', 'schedule', 'gateway'])
  expect(portNames(oneOfEach)).toEqual(
    expect.arrayContaining(['kafka', 'kafka-controller', 'cassandra-storage', 'gateway']),
  )
})
