import { fileURLToPath } from 'node:url'

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** The command line, run directly, so that the pid is that of the role. TypeScript in a checkout, JavaScript in the package. */
export const commandLine = fileURLToPath(new URL(`../main${extension}`, import.meta.url))

export const supervisorMain = fileURLToPath(new URL(`./supervisor-main${extension}`, import.meta.url))
