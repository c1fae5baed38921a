import { policies } from 'cassandra-driver'

/** A read that has not been answered after this is asked of one more replica. */
const delayMs = 50

const never = { nextExecution: () => -1 }

/** Speculative executions for SELECT statements that are marked idempotent; none for writes, nor where there is one node. */
export function speculativeReads(nodes: () => number): policies.speculativeExecution.SpeculativeExecutionPolicy {
  const constant = new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(delayMs, 1)
  return {
    init() {},
    newPlan(keyspace, query) {
      const isRead = typeof query === 'string' && query.startsWith('SELECT')
      return isRead && nodes() > 1 ? constant.newPlan(keyspace, query) : never
    },
    getOptions: () => constant.getOptions(),
    shutdown() {},
  }
}
