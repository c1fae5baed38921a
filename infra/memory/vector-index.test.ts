import { vectorIndexContract } from '#schemas/ports/vector-index.contract.ts'
import { memoryVectorIndex } from './vector-index.ts'

vectorIndexContract('memory', memoryVectorIndex, 100)
