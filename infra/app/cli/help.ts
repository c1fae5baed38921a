import { Command } from 'commander'
import { auditCommand } from './audit.ts'
import { clusterCommand } from './cluster.ts'
import { configCommand } from './config.ts'
import { describeCommand } from './describe.ts'
import { evaluateCommand } from './evaluate.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { modelsCommand } from './models.ts'
import { roleCommands } from './roles.ts'
import { standaloneCommand } from './standalone.ts'
import { topicsCommand } from './topics.ts'
import { trainCommand } from './train.ts'
import { tuneCommand } from './tune.ts'

/** Every command of the command line, in the order in which it is met. */
export function commands(): readonly Command[] {
  return [
    standaloneCommand(),
    importCommand(),
    trainCommand(),
    evaluateCommand(),
    tuneCommand(),
    modelsCommand(),
    exportCommand(),
    auditCommand(),
    ...roleCommands(),
    clusterCommand(),
    topicsCommand(),
    describeCommand(),
    configCommand(),
  ]
}

/** What `--help` prints, for the documents: a heading and a block for each command. */
export function commandHelp(): string {
  const program = new Command('millrace')
  for (const command of commands()) program.addCommand(command)
  return program.commands.map((command) => section(command)).join('')
}

function section(command: Command): string {
  const texts = [command, ...command.commands].map((each) => each.configureHelp({ helpWidth: 110 }).helpInformation())
  return `### ${command.name()}\n\n${texts.map((text) => `\`\`\`text\n${text}\`\`\`\n\n`).join('')}`
}
