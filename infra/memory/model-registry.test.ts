import { modelRegistryContract } from '#schemas/ports/model-registry.contract.ts'
import { memoryModelRegistry } from './model-registry.ts'

modelRegistryContract('memory', async () => memoryModelRegistry())
