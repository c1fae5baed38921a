import { readFileSync } from 'node:fs'
import { kernelChoices, type KernelChoice } from '#infra/kernels/solver.ts'
import { MillraceError } from '#schemas/errors.ts'
import { defaultFoldSettings, type FoldSettings } from '#schemas/settings.ts'
import { rankings, type Ranking } from '#serving/options.ts'
import { configKeys, type Config, type ConfigKey } from './config-keys.ts'
import { listOf } from './list-of.ts'

export interface ConfigSources {
  /** Path of a JSON file with configuration keys. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the command line says: it wins over the environment, which wins over the file. */
  readonly flags?: Partial<Config>
}

/** Reads the configuration. Throws `configuration-invalid` naming the key, where it was given and what it should be. */
export function loadConfig({ file, env, flags = {} }: ConfigSources): Config {
  const values: Record<string, unknown> = {}
  const names = Object.keys(configKeys) as ConfigKey[]
  const fromFile = file === undefined ? {} : readConfigFile(file)
  for (const key of Object.keys(fromFile)) {
    if (!Object.hasOwn(configKeys, key)) throw invalid(key, `is not a key (known: ${names.join(', ')})`, file ?? '')
  }
  for (const key of names) {
    const variable = variableOf(key)
    const given = env[variable]
    if (flags[key] !== undefined) values[key] = checked(key, flags[key], 'the command line')
    else if (given !== undefined && given !== '') values[key] = checked(key, parsed(key, given), variable)
    else if (Object.hasOwn(fromFile, key)) values[key] = checked(key, fromFile[key], file ?? '')
    else values[key] = configKeys[key].default
  }
  if (values['preset'] !== 'embedded' && values['preset'] !== 'cluster') {
    throw invalid('preset', 'must be embedded or cluster', 'the configuration')
  }
  if (!isConfig(values)) throw new MillraceError('broken-invariant', 'a configuration key has no value')
  kernelChoiceOf(values)
  embeddingsOf(values)
  rankingOf(values)
  return values
}

function isConfig(values: Readonly<Record<string, unknown>>): values is Config {
  return Object.entries(configKeys).every(([key, definition]) => typeof values[key] === typeof definition.default)
}

/** The environment variable of a key: `trainCron` is `MILLRACE_TRAIN_CRON`. */
export function variableOf(key: ConfigKey): string {
  return `MILLRACE_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** The API keys of the environment and of the key file, one a line. */
export function apiKeysOf(config: Config): string[] {
  const fromFile = config.apiKeysFile === '' ? '' : readFileSync(config.apiKeysFile, 'utf8')
  return [...config.apiKeys.split(','), ...fromFile.split('\n')].map((key) => key.trim()).filter((key) => key !== '')
}

/** What orders a list. */
export function rankingOf({ ranking }: Pick<Config, 'ranking'>): Ranking {
  const choice = rankings.find((known) => known === ranking)
  if (choice === undefined) throw invalid('ranking', `must be one of ${rankings.join(', ')}`, 'the configuration')
  return choice
}

/** Who does the linear algebra. */
export function kernelChoiceOf({ kernels }: Pick<Config, 'kernels'>): KernelChoice {
  const choice = kernelChoices.find((known) => known === kernels)
  if (choice === undefined) throw invalid('kernels', `must be one of ${kernelChoices.join(', ')}`, 'the configuration')
  return choice
}

/** Partitions of the source topics. */
export function partitionsOf({ partitions, preset }: Config): number {
  return partitions > 0 ? partitions : preset === 'cluster' ? 64 : 8
}

/** Records of a partition in one batch of the fold. A row costs a cluster more to write, and its processors do nothing else. */
export function foldBatchOf({ foldBatch, preset }: Config): number {
  return foldBatch > 0 ? foldBatch : preset === 'cluster' ? 16_384 : 1_024
}

/** What the reducers depend on, as configured. */
export function foldSettingsOf(config: Config): FoldSettings {
  const { ratingMin: min, ratingMax: max } = config
  if (max <= min) throw invalid('ratingMax', `must be above ratingMin (${min})`, 'the configuration')
  return {
    ...defaultFoldSettings,
    ratingScale: { min, max },
    actions: { ...defaultFoldSettings.actions, ...extraActions(config.interactionTypes) },
  }
}

/** `share=3,wishlist=4`: further interaction types with fixed weights. */
function extraActions(text: string): FoldSettings['actions'] {
  const pairs = listOf(text)
  return Object.fromEntries(
    pairs.map((pair) => {
      const match = /^([a-z][a-z0-9_-]{0,31})=(-?\d+(?:\.\d+)?)$/.exec(pair)
      if (match === null) throw invalid('interactionTypes', `needs name=weight, got "${pair}"`, 'the configuration')
      return [match[1] ?? '', { type: 'fixed', weight: Number(match[2]) }]
    }),
  )
}

/** `clip=512,text=384`: the vectors that items may bring, by name with their length. */
export function embeddingsOf({ embeddings }: Pick<Config, 'embeddings'>): Map<string, number> {
  const declared = new Map<string, number>()
  for (const pair of listOf(embeddings)) {
    const match = /^([A-Za-z0-9][\w.-]{0,63})=(\d{1,4})$/.exec(pair)
    const dimension = Number(match?.[2])
    if (match === null || dimension < 1 || dimension > 4_096) {
      throw invalid('embeddings', `needs name=length, the length 1 to 4096, got "${pair}"`, 'the configuration')
    }
    declared.set(match[1] ?? '', dimension)
  }
  return declared
}

function readConfigFile(file: string): Record<string, unknown> {
  try {
    const parsedFile: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof parsedFile === 'object' && parsedFile !== null && !Array.isArray(parsedFile)) return { ...parsedFile }
  } catch (error) {
    throw new MillraceError('configuration-invalid', `cannot read the configuration file ${file}`, { cause: error })
  }
  throw new MillraceError('configuration-invalid', `the configuration file ${file} must hold one JSON object`)
}

function parsed(key: ConfigKey, text: string): unknown {
  const { default: fallback } = configKeys[key]
  if (typeof fallback === 'number') return Number(text)
  if (typeof fallback === 'boolean')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
  return text
}

function checked(key: ConfigKey, value: unknown, where: string): unknown {
  const definition: (typeof configKeys)[ConfigKey] & { readonly min?: number; readonly max?: number } = configKeys[key]
  if (typeof value !== typeof definition.default) throw invalid(key, `must be a ${typeof definition.default}`, where)
  if (typeof value !== 'number') return value
  if (!Number.isFinite(value)) throw invalid(key, 'must be a number', where)
  if (definition.min !== undefined && value < definition.min)
    throw invalid(key, `must be at least ${definition.min}`, where)
  if (definition.max !== undefined && value > definition.max)
    throw invalid(key, `must be at most ${definition.max}`, where)
  return value
}

function invalid(key: string, reason: string, where: string): MillraceError {
  return new MillraceError('configuration-invalid', `${key} ${reason} (given in ${where})`, { facts: { key, where } })
}
