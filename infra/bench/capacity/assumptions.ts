/** What nobody measured here: the load asked for, prices, and how full machines may be. Change them and run again. */
export interface Assumptions {
  readonly users: number
  readonly items: number
  /** At the peak. */
  readonly readsPerSecond: number
  readonly eventsPerSecond: number
  /** Share of the peak that a month has on average. */
  readonly meanShare: number
  /** Share of the users who did something in the last month; the rest have a row and do nothing. */
  readonly activeShare: number
  /** Distinct users who read within the ten minutes that a copy of their rows is kept. */
  readonly usersReading: number
  /** Share of reads that find the user's rows in Redis or in the instance. */
  readonly copyHitShare: number
  readonly replication: number
  /** How busy a core may be at the peak. */
  readonly utilisation: number
  /** How full a disk may be: compaction and rebalancing need the rest. */
  readonly diskFill: number
  /** Of Cassandra: bytes on disk for a byte of state, for keys, timestamps and versions not yet compacted, LZ4 included. */
  readonly diskPerStateByte: number
  /** Days that `interactions` stays on the brokers before a snapshot and the blob store hold it. */
  readonly logDays: number
  readonly machine: { readonly cores: number; readonly gigabytes: number }
  /** Bytes of a serving instance's memory for each item: slope of the bench \`start\`, with all growth laid to the items. */
  readonly servingBytesPerItem: number
  readonly factors: number
  /** Items that a like of an item says something of, on average. */
  readonly neighbours: number
  /** Multiply-adds a second of one core, of the bench \`train\`. */
  readonly multiplyAddsPerSecond: number
  readonly iterations: number
  readonly conjugateGradientSteps: number
  /** US dollars a month. */
  readonly prices: {
    readonly core: number
    readonly memoryGb: number
    readonly diskGb: number
    readonly blobGb: number
  }
}

export const assumptions: Assumptions = {
  users: 100e6,
  items: 10e6,
  readsPerSecond: 50_000,
  eventsPerSecond: 100_000,
  meanShare: 0.25,
  activeShare: 0.3,
  usersReading: 5e6,
  copyHitShare: 0.8,
  replication: 3,
  utilisation: 0.5,
  diskFill: 0.5,
  diskPerStateByte: 1.1,
  logDays: 7,
  machine: { cores: 16, gigabytes: 128 },
  servingBytesPerItem: 12_366,
  factors: 64,
  neighbours: 50,
  multiplyAddsPerSecond: 1.1e9,
  iterations: 10,
  conjugateGradientSteps: 3,
  prices: { core: 25, memoryGb: 3, diskGb: 0.1, blobGb: 0.023 },
}
