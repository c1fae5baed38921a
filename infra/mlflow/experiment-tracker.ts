import { MillraceError } from '#schemas/errors.ts'
import type { ExperimentTracker, TrackedRun } from '#schemas/ports/experiment-tracker.ts'
import { callMlflow, type MlflowServer } from './rest.ts'

export interface MlflowOptions extends Pick<MlflowServer, 'url'> {
  readonly timeoutMs?: number
}

/** Runs on an MLflow server: experiments are found by name, or made. */
export function mlflowExperimentTracker({ url, timeoutMs = 10_000 }: MlflowOptions): ExperimentTracker {
  if (!URL.canParse(url)) {
    throw new MillraceError('invalid-input', 'the address of an MLflow server must be a URL', {
      facts: { field: 'url' },
    })
  }
  const server = { url, timeoutMs }
  const experiments = new Map<string, Promise<string>>()

  /** A failure is not kept: the next run asks again. */
  async function idOf(experiment: string): Promise<string> {
    const known = experiments.get(experiment) ?? findOrMake(server, experiment)
    experiments.set(experiment, known)
    try {
      return await known
    } catch (error) {
      experiments.delete(experiment)
      throw error
    }
  }

  return {
    async record(run) {
      const { name, startedAt, endedAt } = run
      const made = await call<Created>(server, 'runs/create', {
        experiment_id: await idOf(run.experiment),
        run_name: name,
        start_time: startedAt,
      })
      const { run_id } = made.run.info
      await call(server, 'runs/log-batch', { run_id, ...valuesOf(run) })
      await call(server, 'runs/update', { run_id, status: 'FINISHED', end_time: endedAt })
    },
  }
}

interface Created {
  readonly run: { readonly info: { readonly run_id: string } }
}

function valuesOf({ parameters, metrics, endedAt }: TrackedRun) {
  return {
    params: Object.entries(parameters).map(([key, value]) => ({ key, value: String(value) })),
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: endedAt, step: 0 })),
  }
}

async function findOrMake(server: MlflowServer, name: string): Promise<string> {
  const found = await callMlflow<{ experiment: { experiment_id: string } }>(server, 'GET', 'experiments/get-by-name', {
    experiment_name: name,
  })
  if (found !== 'missing') return found.experiment.experiment_id
  return (await call<{ experiment_id: string }>(server, 'experiments/create', { name })).experiment_id
}

async function call<T extends object>(server: MlflowServer, path: string, input: Record<string, unknown>): Promise<T> {
  const answer = await callMlflow<T>(server, 'POST', path, input)
  if (answer === 'missing') throw new MillraceError('store-failed', `MLflow does not know what ${path} is about`)
  return answer
}
