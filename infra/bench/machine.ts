import { cpus, loadavg, totalmem } from 'node:os'

/** Cores, memory and Node, and how busy the machine was with other work. */
export function machine(): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return `${cpus().length} cores (${model}), ${gigabytes} GB of memory, Node ${process.version}; load average ${load} at the start`
}
