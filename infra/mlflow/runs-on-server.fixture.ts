import type { TrackedRun } from '#schemas/ports/experiment-tracker.ts'

interface Found {
  readonly runs?: readonly {
    readonly info: {
      readonly run_name: string
      readonly status: string
      readonly start_time: number
      readonly end_time: number
    }
    readonly data: {
      readonly params?: readonly { readonly key: string; readonly value: string }[]
      readonly metrics?: readonly { readonly key: string; readonly value: number }[]
    }
  }[]
}

/** The finished runs of an experiment, as the server's own API tells them; none of one that it does not know. */
export async function runsOnServer(url: string, experiment: string): Promise<TrackedRun[]> {
  const api = `${url}/api/2.0/mlflow`
  const known = await fetch(`${api}/experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`)
  if (known.status === 404) return []
  const found: { readonly experiment: { readonly experiment_id: string } } = await known.json()
  const answer = await fetch(`${api}/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      experiment_ids: [found.experiment.experiment_id],
      filter: "attributes.status = 'FINISHED'",
    }),
  })
  const { runs = [] }: Found = await answer.json()
  return runs.map(({ info, data: { params = [], metrics = [] } }) => ({
    experiment,
    name: info.run_name,
    startedAt: info.start_time,
    endedAt: info.end_time,
    parameters: Object.fromEntries(params.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
  }))
}
