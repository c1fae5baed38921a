import { defaultTrainingSettings as defaults } from '#schemas/models/training-settings.ts'
import { clusterKeys } from './cluster-keys.ts'
import type { ConfigKeyDefinition } from './config-key.ts'

/** Every configuration key with its default and one sentence. Also read from a JSON file and the environment. */
export const configKeys = {
  preset: {
    default: 'embedded',
    says: 'What it stands on: embedded (a data folder) or cluster (Kafka, Cassandra, Redis).',
  },
  host: {
    default: '127.0.0.1',
    says: 'Address to listen on; anything but loopback is refused until API keys are set.',
  },
  port: { default: 8080, min: 0, max: 65_535, says: 'Port to listen on; 0 takes any free one.' },
  dataDir: { default: './millrace-data', says: 'Folder of the embedded log, rows and models.' },
  partitions: {
    default: 0,
    min: 0,
    max: 1024,
    says: 'Partitions of the source topics, fixed for life when they are made; 0 for 8 in a data folder, 64 on a cluster.',
  },
  apiKeys: { default: '', says: 'Comma-separated API keys; every request but health checks must carry one.' },
  apiKeysFile: { default: '', says: 'File with one API key a line.' },
  ratingMin: { default: 1, says: 'Lowest value of an interaction of type `rating`.' },
  ratingMax: { default: 5, says: 'Highest value of an interaction of type `rating`.' },
  interactionTypes: { default: '', says: 'Further interaction types with their weights, such as `share=3,hide=-4`.' },
  embeddings: {
    default: '',
    says: 'Names and lengths of the vectors that items may bring, such as `clip=512,text=384`: others are refused; empty: any vector without a name is taken.',
  },
  trainCron: { default: '0 3 * * *', says: 'When the model is trained, as a cron expression; empty for never.' },
  trainAfterEvents: { default: 0, min: 0, says: 'Train also after this many new interactions; 0 for never.' },
  factors: { default: 64, min: 4, max: 256, says: 'Dimension of the factors.' },
  iterations: { default: 15, min: 1, max: 100, says: 'Iterations of a training at most.' },
  alpha0: { default: defaults.alpha0, min: 0, max: 1_000, says: 'Weight of every pair that nobody observed, α0.' },
  lambda: { default: defaults.lambda, min: 0, max: 10_000, says: 'Regularisation, λ.' },
  nu: { default: defaults.nu, min: 0, max: 1, says: 'Exponent of the frequency scaling of the regularisation, ν.' },
  weightExponent: {
    default: defaults.weightExponent,
    min: 0,
    max: 2,
    says: 'Exponent of the weight of what a user did with an item: 1 leaves it, 0 makes all alike.',
  },
  halfLifeDays: {
    default: defaults.halfLifeDays,
    min: 0,
    says: "Days after which what a user did counts half, against the user's newest event; 0 for never.",
  },
  neighbourShare: {
    default: -1,
    min: -1,
    max: 1_000,
    says: 'How loud what likes of single items say of others is beside the factors: 0 for not at all, -1 for as loud as foretells held-out likes best.',
  },
  neighbourLambda: {
    default: defaults.neighbourLambda,
    min: 0.001,
    max: 1_000_000,
    says: 'Regularisation of what the likes of single items say of others.',
  },
  threads: { default: 2, min: 1, max: 64, says: 'Worker threads of a training.' },
  kernels: {
    default: 'auto',
    says: 'Who does the linear algebra: wasm (WebAssembly with SIMD), typescript (readable, slower), or auto: wasm where this Node.js can run it.',
  },
  gateShare: {
    default: 0.05,
    min: 0,
    max: 1,
    says: 'A new model is refused when its NDCG@10 falls short by more than this share.',
  },
  foldBatch: {
    default: 0,
    min: 0,
    max: 100_000,
    says: 'Records of a partition folded between two checkpoints at most; with a backlog more are cheaper, since a row is written once for all of them, and take memory; 0 for 1,024 in a data folder, 16,384 on a cluster.',
  },
  rowCacheBytes: {
    default: 402_653_184,
    min: 1_048_576,
    says: 'Encoded bytes of rows that a processor keeps between batches, shared evenly by its partitions and tables.',
  },
  exploration: {
    default: 0.02,
    min: 0,
    max: 10,
    says: 'Temperature of the exploration noise; 0 serves the best list always.',
  },
  ranking: {
    default: 'learned',
    says: 'What orders a list: learned (the ranker fitted with the model, which goes on learning from what is shown and taken) or blend (fixed weights).',
  },
  freshOnly: {
    default: false,
    says: 'Serve without reusing rows or user vectors between requests; for measuring.',
  },
  maxConcurrent: {
    default: 256,
    min: 1,
    says: 'Recommendations computed at once before further ones are shed with 503; fewer while they take longer than 500 ms.',
  },
  maxPendingBytes: {
    default: 67_108_864,
    min: 1_048_576,
    says: 'Bytes on their way to the log before further writes are refused with 503.',
  },
  rateLimit: {
    default: 0,
    min: 0,
    says: 'Requests a minute under one API key or, without one, from one address; 0 for no limit.',
  },
  trustedProxies: {
    default: '',
    says: 'Who may say in `X-Forwarded-For` from which address a request came: addresses, networks such as `10.0.0.0/8`, `loopback` or `uniquelocal`, separated by commas; a rate limit without API keys goes by that address.',
  },
  logLevel: { default: 'silent', says: 'Level of the request log: silent, error, warn, info or debug.' },
  ...clusterKeys,
} as const satisfies Record<string, ConfigKeyDefinition>

export type ConfigKey = keyof typeof configKeys

type Widened<T> = T extends string ? string : T extends number ? number : boolean

export type Config = { readonly [K in ConfigKey]: Widened<(typeof configKeys)[K]['default']> }
