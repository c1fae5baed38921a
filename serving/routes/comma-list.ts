/** Ids of a query parameter: comma-separated, repeated, or both; empty ones are passed over. */
export function listOf(parameter: string | readonly string[] | undefined): string[] {
  const parts = typeof parameter === 'string' ? [parameter] : (parameter ?? [])
  return parts.flatMap((part) => part.split(',')).filter((id) => id !== '')
}
