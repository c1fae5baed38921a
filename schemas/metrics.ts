export type MetricType = 'counter' | 'gauge' | 'histogram'

export interface MetricDefinition {
  readonly type: MetricType
  readonly help: string
  readonly labels: readonly string[]
}

/** Every metric Millrace exports, by its Prometheus name. Histograms are of seconds. */
export const metricDefinitions = {
  millrace_ingest_events_total: { type: 'counter', help: 'Events by outcome of ingest.', labels: ['outcome'] },
  millrace_ingest_latency_seconds: { type: 'histogram', help: 'Request received to answer of a write.', labels: [] },
  millrace_accepted_events_lost_total: {
    type: 'counter',
    help: 'Accepted events that lists do not know before they are counted: Redis was slow or away.',
    labels: [],
  },
  millrace_lag_events: { type: 'gauge', help: 'Records not yet folded.', labels: ['topic', 'partition'] },
  millrace_partitions_owned: {
    type: 'gauge',
    help: 'Partitions of the source topics that this processor folds.',
    labels: [],
  },
  millrace_freshness_seconds: { type: 'histogram', help: 'Event accepted to visible in a recommendation.', labels: [] },
  millrace_recommend_latency_seconds: {
    type: 'histogram',
    help: 'Time of each stage of a recommendation.',
    labels: ['stage'],
  },
  millrace_degraded_total: { type: 'counter', help: 'Answers that were not whole, by mode.', labels: ['mode'] },
  millrace_shed_total: { type: 'counter', help: 'Requests refused under overload.', labels: [] },
  millrace_impressions_dropped_total: {
    type: 'counter',
    help: 'Impressions that were not recorded: the buffer was full or the log refused.',
    labels: [],
  },
  millrace_index_recall: {
    type: 'gauge',
    help: 'Share of the exact top 20 that the index found, sampled live.',
    labels: [],
  },
  millrace_index_size: { type: 'gauge', help: 'Vectors in each part of the index.', labels: ['part'] },
  millrace_bases_written_total: {
    type: 'counter',
    help: 'Bases written for serving instances to come, of items or of the graph of an index.',
    labels: ['of'],
  },
  millrace_model_info: { type: 'gauge', help: '1 for the model version served.', labels: ['version'] },
  millrace_model_age_seconds: { type: 'gauge', help: 'Age of the model served.', labels: [] },
  millrace_dead_letters_total: { type: 'counter', help: 'Records put aside, by error code.', labels: ['code'] },
  millrace_ctr: { type: 'gauge', help: 'Clicks by impressions.', labels: ['variant'] },
  millrace_cache_hits_total: { type: 'counter', help: 'Cache hits.', labels: ['cache'] },
  millrace_cache_misses_total: { type: 'counter', help: 'Cache misses.', labels: ['cache'] },
  millrace_redis_failures_total: {
    type: 'counter',
    help: 'Calls that Redis did not serve, by reason; callers go on without it.',
    labels: ['reason'],
  },
  millrace_rate_limit_local_total: {
    type: 'counter',
    help: 'Requests whose rate this process decided about alone, because Redis did not.',
    labels: [],
  },
  millrace_fold_ins_total: { type: 'counter', help: 'User vectors computed from a history.', labels: [] },
  millrace_consumer_restarts_total: {
    type: 'counter',
    help: 'Consumers of the log that had stopped fetching while it grew and were started anew.',
    labels: ['topic'],
  },
  millrace_gateway_requests_total: {
    type: 'counter',
    help: 'Requests that the gateway sent on, by role and by how that ended.',
    labels: ['role', 'outcome'],
  },
  millrace_gateway_retries_total: {
    type: 'counter',
    help: 'Requests that the gateway sent to another instance after the first.',
    labels: ['role'],
  },
  millrace_gateway_latency_seconds: {
    type: 'histogram',
    help: 'Request received by the gateway to its answer, the instance included.',
    labels: ['role'],
  },
  millrace_gateway_instances: {
    type: 'gauge',
    help: 'Instances that the gateway knows, by state: ready, unready, suspect or down.',
    labels: ['role', 'state'],
  },
  millrace_pool_in_use: { type: 'gauge', help: 'Members of a pool in use.', labels: ['pool'] },
} as const satisfies Record<string, MetricDefinition>

export type MetricName = keyof typeof metricDefinitions
