import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { runTrainingOrder } from '../training-order.ts'
import type { TrainingOrder } from '../training-thread.ts'

const { order, port }: { readonly order: TrainingOrder; readonly port: MessagePort } = workerData

const said = await runTrainingOrder(order, port, (progress) => parentPort?.postMessage({ type: 'progress', progress }))
parentPort?.postMessage(said)
port.close()
