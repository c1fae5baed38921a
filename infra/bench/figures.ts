import type { Percentiles } from './percentiles.ts'

/** `12,345/s` */
export function rate(count: number, seconds: number): string {
  return `${whole(count / seconds)}/s`
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** Two significant digits after a leading zero, else one decimal: `0.031`, `2.5`, `131`. */
export function short(value: number): string {
  if (value >= 100) return whole(value)
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2)
}

export function milliseconds({ p50, p99 }: Percentiles): string {
  return `p50 ${short(p50)} ms, p99 ${short(p99)} ms`
}

export function megabytes(bytes: number): string {
  return `${whole(bytes / 2 ** 20)} MB`
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
