import { Command } from 'commander'
import { isMillraceError } from '#schemas/errors.ts'
import { version } from '../release.ts'
import { commands } from './help.ts'

/** The command line. What fails on purpose is one line on stderr and exit code 1; a bug keeps its stack. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('millrace')
    .description('An event-sourced streaming recommender: one fold for live, replay and batch.')
    .version(version)
    .showHelpAfterError()
  for (const command of commands()) program.addCommand(command)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    if (!isMillraceError(error)) throw error
    console.error(`millrace: ${error.message} [${error.code}]`)
    process.exitCode = 1
  }
}
