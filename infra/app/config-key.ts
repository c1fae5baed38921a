export interface ConfigKeyDefinition {
  readonly default: string | number | boolean
  readonly min?: number
  readonly max?: number
  /** One sentence for people. */
  readonly says: string
}
