/** What identifies an imported event for ever. */
export interface ImportedFrom {
  readonly source: string
  readonly sequence: number
}

/** Undefined for an event that was not imported; `incomplete` when only one of the two fields is there. */
export function importedFrom(input: {
  readonly source?: string | null | undefined
  readonly sequence?: number | null | undefined
}): ImportedFrom | 'incomplete' | undefined {
  const source = input.source ?? undefined
  const sequence = input.sequence ?? undefined
  if (source === undefined && sequence === undefined) return undefined
  return source === undefined || sequence === undefined ? 'incomplete' : { source, sequence }
}
