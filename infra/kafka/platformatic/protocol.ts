import type { API, RequestCreator, ResponseParser } from '@platformatic/kafka'
import {
  createAPI,
  createTopicsV7,
  deleteRecordsV2,
  deleteTopicsV6,
  describeConfigsV4,
  initProducerIdV4,
  listOffsetsV7,
  metadataV12,
  ResponseError,
} from '@platformatic/kafka'

/** The requests that are made, each in the version that every broker from 3.1 on understands. Answers hold their error codes; none throws for one. */
export const metadata = withCodes(metadataV12)
export const listOffsets = withCodes(listOffsetsV7)
export const initProducerId = withCodes(initProducerIdV4)
export const createTopics = withCodes(createTopicsV7)
export const deleteTopics = withCodes(deleteTopicsV6)
export const deleteRecords = withCodes(deleteRecordsV2)
export const describeConfigs = withCodes(describeConfigsV4)

interface ApiModule<Request extends unknown[], Answer> {
  readonly createRequest: RequestCreator
  readonly parseResponse: ResponseParser<Answer>
  readonly api: API<Request, Answer>
}

function withCodes<Request extends unknown[], Answer>(module: ApiModule<Request, Answer>): API<Request, Answer> {
  return createAPI(module.api.key, module.api.version, module.createRequest, keepingCodes(module.parseResponse))
}

/** The library throws away an answer with any error code in it, and what succeeded with it. This gives the answer. */
export function keepingCodes<Answer>(parse: ResponseParser<Answer>): ResponseParser<Answer> {
  return (...answer) => {
    try {
      return parse(...answer)
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error
      const whole: Answer = error['response']
      return whole
    }
  }
}
