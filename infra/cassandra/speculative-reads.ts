import { policies, type Client } from 'cassandra-driver'

/** A read that has not been answered after this is asked of one more replica. */
const delayMs = 50

const never = { nextExecution: () => -1 }

/** Speculative executions for SELECT statements that are marked idempotent; none for writes, nor where there is one node. */
export function speculativeReads(): policies.speculativeExecution.SpeculativeExecutionPolicy {
  const constant = new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(delayMs, 1)
  let client: Client | undefined
  return {
    init(owner) {
      client = owner
    },
    newPlan(keyspace, query) {
      const isRead = typeof query === 'string' && query.startsWith('SELECT')
      return isRead && (client?.hosts.length ?? 0) > 1 ? constant.newPlan(keyspace, query) : never
    },
    getOptions: () => constant.getOptions(),
    shutdown() {
      client = undefined
    },
  }
}
