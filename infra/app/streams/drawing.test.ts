import { describe, expect, it } from 'vitest'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { topicNames } from '#schemas/topics.ts'
import { drawTopology } from '#stream-processors/drawing.ts'
import { topology } from '#stream-processors/topology.ts'

describe('The drawing of the topology', () => {
  const { interactions, items, profiles } = topology(defaultFoldSettings)
  const drawing = drawTopology([interactions, items, profiles])

  it('shows every topic', () => {
    expect(topicNames.filter((name) => !drawing.includes(`"${name}"`))).toEqual([])
  })

  it('shows every table that is written and every topic that announces it', () => {
    expect(drawing).toContain('fold_interactions --> row_item_statistics[("item-statistics")]')
    expect(drawing).toContain('fold_interactions --> item_notices')
    expect(drawing).toContain('fold_profiles --> user_notices')
  })
})
