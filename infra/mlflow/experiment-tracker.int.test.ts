import { afterAll, beforeAll, describe } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { startMlflow, type MlflowServer } from '#infra/servers/mlflow.ts'
import { temporaryFolder } from '#infra/servers/temporary-folder.fixture.ts'
import { experimentTrackerContract } from '#schemas/ports/experiment-tracker.contract.ts'
import { mlflowExperimentTracker } from './experiment-tracker.ts'
import { runsOnServer } from './runs-on-server.fixture.ts'

const isThere = await canStart('mlflow')

describe.skipIf(!isThere)('On an MLflow server', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let server: MlflowServer
  beforeAll(async () => {
    folder = await temporaryFolder()
    server = await startMlflow({ dir: folder.path })
  })
  afterAll(async () => {
    await server.stop()
    await folder[Symbol.asyncDispose]()
  })

  experimentTrackerContract('MLflow', async () => {
    const { url } = server
    return { tracker: mlflowExperimentTracker({ url }), runsOf: (experiment) => runsOnServer(url, experiment) }
  })
})
