import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { endProcess } from './end-process.ts'
import { identityOf, isRunning, signalProcess } from './process-identity.ts'

async function sleeper(script = 'setInterval(() => {}, 1000)') {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const pid = child.pid ?? 0
  return { pid, identity: identityOf(pid) ?? '', ended: once(child, 'exit') }
}

it('A process is known by its start, so that another one with its pid is not mistaken for it', async () => {
  const process = await sleeper()
  expect(isRunning(process)).toBe(true)
  const other = { ...process, identity: `${process.identity}1` }
  expect(isRunning(other)).toBe(false)
  expect(signalProcess(other, 'SIGKILL')).toBe(false)
  await endProcess(other, 0)
  expect(isRunning(process)).toBe(true)
  expect(signalProcess(process, 'SIGKILL')).toBe(true)
  await process.ended
  expect(isRunning(process)).toBe(false)
  expect(identityOf(process.pid)).toBeUndefined()
})

it('A process is asked to end, and may do so in its own way', async () => {
  const process = await sleeper(`setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(5))`)
  await endProcess(process, 60_000)
  expect(await process.ended).toEqual([5, null])
})

it('A process that ignores it, or was stopped, is killed after its grace', async () => {
  const deaf = await sleeper(`setInterval(() => {}, 1000); process.on('SIGTERM', () => {})`)
  await endProcess(deaf, 100)
  expect(await deaf.ended).toEqual([null, 'SIGKILL'])
  const stopped = await sleeper()
  process.kill(stopped.pid, 'SIGSTOP')
  expect(isRunning(stopped)).toBe(true)
  await endProcess(stopped, 60_000)
  expect(await stopped.ended).toEqual([null, 'SIGTERM'])
})
