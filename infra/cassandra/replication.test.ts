import { describe, expect, it } from 'vitest'
import { parseReplication, replicationCql } from './replication.ts'

describe('Replication', () => {
  it('is a number of replicas in the local datacenter, or one for each datacenter named', () => {
    expect(parseReplication('3', 'dc1')).toEqual(new Map([['dc1', 3]]))
    expect(parseReplication('dc1=3, dc2=2', 'dc1')).toEqual(
      new Map([
        ['dc1', 3],
        ['dc2', 2],
      ]),
    )
    expect(replicationCql(parseReplication('eu-west=3,us=1', 'us'))).toBe(
      "{'class': 'NetworkTopologyStrategy', 'eu-west': 3, 'us': 1}",
    )
  })

  it.each(['', 'three', 'dc1', 'dc1=', "dc1'=3", 'dc2=3', 'dc1=0'])('is refused as %j', (text) => {
    expect(() => parseReplication(text, 'dc1')).toThrow(expect.objectContaining({ code: 'configuration-invalid' }))
  })
})
