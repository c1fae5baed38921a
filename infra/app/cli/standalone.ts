import type { Command } from 'commander'
import { readModelLife } from '#batch/model-topic.ts'
import { importProgress, silentProgress } from '#producers/import/import-progress.ts'
import { audit } from '#stream-processors/audit.ts'
import { demoState, loadDemo } from '../demo.ts'
import { startStandalone, type Standalone } from '../standalone.ts'
import { auditSentence } from './audit.ts'
import { reportToStderr } from './folded-parts.ts'
import { configOf, folderCommand, whole, type FolderFlags } from './options.ts'
import { trainingProgress } from './training-progress.ts'
import { thingsToTry } from './things-to-try.ts'

interface Flags extends FolderFlags {
  readonly port?: number
  readonly host?: string
  readonly demo: boolean
}

/** `millrace standalone`, which is also `npm start` */
export function standaloneCommand(): Command {
  return folderCommand('standalone')
    .description('run everything in one process; an empty folder is filled with a bundled sample')
    .option('--port <n>', 'port to listen on; taken is an error (default: 8080 or the next free one)', whole(0, 65_535))
    .option('--host <address>', 'address to listen on')
    .option('--no-demo', 'leave an empty folder empty')
    .action(runStandalone)
}

async function runStandalone(flags: Flags): Promise<void> {
  const { port, host } = flags
  const config = configOf(flags, { ...(port !== undefined && { port }), ...(host !== undefined && { host }) })
  const began = performance.now()
  const standalone = await startStandalone(config, {
    portIsExplicit: port !== undefined,
    report: reportToStderr,
    onTraining: trainingProgress(),
  })
  const stopped = stopOnSignals(standalone)
  standalone.failed.catch(async (error: unknown) => {
    reportToStderr(error, 'folding; Millrace stops')
    process.exitCode = 1
    await standalone.close()
  })
  const wanted = config.port
  if (wanted !== 0 && new URL(standalone.url).port !== String(wanted)) {
    console.log(`Port ${wanted} is taken, so Millrace listens on ${new URL(standalone.url).port}.`)
  }
  console.log(`Millrace listens on ${standalone.url}`)
  for (const lack of standalone.lacks) console.log(`Not found: ${lack}.`)
  try {
    await fill(standalone, flags.demo)
  } catch (error) {
    if (!stopped.aborted) throw error
  }
  if (stopped.aborted) return
  await standalone.caughtUp()
  console.log(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s.`)
  console.log(await thingsToTry(standalone))
}

/** First start: the sample, a model of it, and the proof that all of it was counted. One that was cut short goes on. */
async function fill(standalone: Standalone, wanted: boolean): Promise<void> {
  const { parts } = standalone
  const state = await demoState(parts)
  if (!wanted || state === 'unwanted') return
  if (state !== 'loaded') await load(standalone, state)
  const { published } = await readModelLife(parts)
  if (published.length > 0) return
  console.log('Training a model on them.')
  const { metrics } = await standalone.train()
  console.log(
    `NDCG@10 on held-out ratings: ${score(metrics['ndcg@10'])}, popularity: ${score(metrics['popularity.ndcg@10'])}`,
  )
}

async function load(standalone: Standalone, state: 'absent' | 'begun'): Promise<void> {
  const { parts } = standalone
  const how = state === 'absent' ? 'The data folder is empty: loading' : 'Loading the rest of'
  console.log(`${how} 100,015 real film ratings (MovieTweetings, MIT).`)
  // What an earlier start has loaded is recognised by its rows.
  await standalone.caughtUp()
  await loadDemo(parts, process.stderr.isTTY ? importProgress(process.stderr, parts.clock) : silentProgress)
  await standalone.caughtUp()
  console.log(auditSentence(await audit(parts)))
}

function score(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(4)
}

function stopOnSignals(standalone: Standalone): AbortSignal {
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopping.abort()
      standalone.close().catch((error: unknown) => {
        reportToStderr(error, 'stopping')
        process.exitCode = 1
      })
    })
  }
  return stopping.signal
}
