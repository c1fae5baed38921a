/** What a line of a delimited file holds, or why it cannot be split. */
export type DelimitedRecord =
  | { readonly type: 'record'; readonly line: number; readonly raw: string; readonly values: readonly string[] }
  | { readonly type: 'broken'; readonly line: number; readonly raw: string; readonly message: string }
