import { Command, InvalidArgumentError } from 'commander'
import type { Config } from '../config-keys.ts'
import { loadConfig } from '../config.ts'

export interface FolderFlags {
  readonly data?: string
  readonly config?: string
}

/** A command on a data folder. */
export function folderCommand(name: string): Command {
  return new Command(name)
    .option('--data <folder>', 'data folder (default: MILLRACE_DATA_DIR, else ./millrace-data)')
    .option('--config <file>', 'JSON file with configuration keys')
}

export function configOf(flags: FolderFlags, more: Partial<Config> = {}): Config {
  const dataDir = flags.data === undefined ? {} : { dataDir: flags.data }
  return loadConfig({ file: flags.config, env: process.env, flags: { ...dataDir, ...more } })
}

/** For commander: a whole number in a range. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed`)
  }
}

export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
