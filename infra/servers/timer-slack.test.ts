import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { withTimerSlack } from './timer-slack.ts'

describe.runIf(process.platform === 'linux')('Timer slack', () => {
  it('is what the command runs with, which gets its arguments as they are', () => {
    const shown = { command: '/bin/cat', args: ['/proc/self/timerslack_ns', '/proc/self/cmdline'] }
    const { command, args } = withTimerSlack(shown, 500_000)
    const [slack = '', cmdline = ''] = execFileSync(command, args, { encoding: 'utf8' }).split('\n')
    expect(Number(slack)).toBe(500_000)
    expect(cmdline.split('\0').slice(0, 3)).toEqual([shown.command, ...shown.args])
  })
})
