/** How the rows of a file become events: what the command line says, read and checked. One plan serves all files of an import. */
export interface ImportPlan {
  readonly kind: ImportKind
  readonly format: RowFormat
  /** Column, or path in a JSON line, by field: `user` → `user_id`. */
  readonly columns: Readonly<Record<string, string>>
  /** Columns that a delimited file must have. */
  readonly needed: readonly string[]
  /** Interaction type of every line, or of lines whose own is empty. */
  readonly action: string | null
  /** Range of the file's values; null when they are on the configured rating scale already. */
  readonly scale: ValueRange | null
  readonly timeUnit: TimeUnit
  /** Separator of the elements, by field. */
  readonly lists: Readonly<Record<string, string>>
  /** Regular expression by field: the field is its first group, or empty where it does not match. */
  readonly captures: Readonly<Record<string, string>>
}

export type ImportKind = 'interactions' | 'items'

export type RowFormat =
  | {
      readonly type: 'delimited'
      readonly delimiter: string
      /** Null: quotes are literal text. */
      readonly quote: string | null
      /** The first line names the columns, or is skipped where `names` does. */
      readonly header: boolean
      readonly names: readonly string[] | null
    }
  | { readonly type: 'jsonl' }

export interface ValueRange {
  readonly min: number
  readonly max: number
}

/** `auto`: integers are milliseconds, anything else ISO 8601, and an integer that looks like seconds is refused. */
export type TimeUnit = 's' | 'ms' | 'iso' | 'auto'

export const interactionFields = ['user', 'item', 'type', 'value', 'time', 'session'] as const

/** Beside these, `attributes.NAME`. Only a JSON line can hold `attributes` whole, or an `embedding`. */
export const itemFields = [
  'id',
  'title',
  'description',
  'categories',
  'tags',
  'price',
  'currency',
  'available',
  'publishedAt',
  'imageUrl',
  'attributes',
  'embedding',
  'embeddingName',
] as const

/** What a file in our own vocabulary is read by when `--map` says nothing. */
export const ownColumns: Readonly<Record<ImportKind, Readonly<Record<string, string>>>> = {
  interactions: {
    user: 'userId',
    item: 'itemId',
    type: 'type',
    value: 'value',
    time: 'occurredAt',
    session: 'sessionId',
  },
  items: { ...Object.fromEntries(itemFields.map((field) => [field, field])), id: 'itemId' },
}

export const requiredFields: Readonly<Record<ImportKind, readonly string[]>> = {
  interactions: ['user', 'item'],
  items: ['id', 'title'],
}
