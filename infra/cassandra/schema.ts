/** One step from a schema to the next. Its statements may run again after a crash: each says IF NOT EXISTS. */
export interface Migration {
  readonly version: number
  /** What is there afterwards, for people. */
  readonly says: string
  /** CQL; `KS` stands for the keyspace. */
  readonly statements: readonly string[]
}

/** The tables of a keyspace but for those of generations. Steps are added at the end and never changed: some keyspace has taken them. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    says: 'generations, the identities of topics, and the tables for people',
    statements: [
      'CREATE TABLE IF NOT EXISTS KS.generations (name text PRIMARY KEY, id text, state text, created_at timestamp)',
      `CREATE TABLE IF NOT EXISTS KS.topic_identities (name text, epoch int, id text, partitions int, first_seen_at timestamp,
         PRIMARY KEY (name, epoch))`,
      `CREATE TABLE IF NOT EXISTS KS.user_features (user_id text, feature_name text, feature_value text, updated_at timestamp,
         PRIMARY KEY (user_id, feature_name))`,
      `CREATE TABLE IF NOT EXISTS KS.item_features (item_id text, feature_name text, feature_value text, updated_at timestamp,
         PRIMARY KEY (item_id, feature_name))`,
      `CREATE TABLE IF NOT EXISTS KS.interactions (user_id text, month text, timestamp timestamp, event_id text, item_id text,
         type text, context map<text, text>, PRIMARY KEY ((user_id, month), timestamp, event_id))
         WITH CLUSTERING ORDER BY (timestamp DESC, event_id ASC)`,
      `CREATE TABLE IF NOT EXISTS KS.interaction_months (user_id text, month text, PRIMARY KEY (user_id, month))`,
    ],
  },
]
