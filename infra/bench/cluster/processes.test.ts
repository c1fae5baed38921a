import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cpuMeter, cpuSecondsOf, residentBytesOf } from './processes.ts'

describe.skipIf(!existsSync('/proc/self/stat'))('A process of Linux', () => {
  it('says how much processor time it has had and what memory it holds', () => {
    const { user, system } = process.cpuUsage()
    expect(cpuSecondsOf(process.pid)).toBeGreaterThan(0.5 * ((user + system) / 1e6) - 0.1)
    const resident = process.memoryUsage.rss()
    expect(residentBytesOf(process.pid) / resident).toBeGreaterThan(0.5)
    expect(residentBytesOf(process.pid) / resident).toBeLessThan(2)
  })

  it('is metered from now on', { timeout: 60_000 }, () => {
    const meter = cpuMeter({ self: process.pid })
    const before = process.cpuUsage()
    while (process.cpuUsage(before).user < 200_000) Math.random()
    expect(meter().self).toBeGreaterThanOrEqual(0.1)
  })
})
