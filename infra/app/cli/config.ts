import { Command } from 'commander'
import { configTable } from '../config-table.ts'

/** `millrace config` */
export function configCommand(): Command {
  return new Command('config')
    .description('print every configuration key as a Markdown table')
    .action(() => void process.stdout.write(configTable()))
}
