import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configKeys } from './config-keys.ts'
import { configTable } from './config-table.ts'

describe('The configuration reference', () => {
  it('has a row for every key', () => {
    for (const [key, { says }] of Object.entries(configKeys)) {
      expect(configTable()).toMatch(new RegExp(`^\\| \`${key}\` \\| \`MILLRACE_[A-Z0-9_]+\` \\|`, 'm'))
      expect(configTable()).toContain(says)
    }
  })

  it('stands in the documents as `millrace config` prints it: after a change, `npm run docs`', () => {
    const document = readFileSync(join(import.meta.dirname, '../../docs/reference/configuration.md'), 'utf8')
    expect(document).toContain(configTable())
  })
})
