import { CreateBucketCommand, S3Client, type BucketLocationConstraint, type S3ClientConfig } from '@aws-sdk/client-s3'
import { nameOf, s3Failure } from './s3-failure.ts'

export interface S3Options {
  /** Of an S3-compatible store, addressed by path; without one it is that of AWS. */
  readonly endpoint?: string
  readonly region: string
  readonly bucket: string
  /** Put before the key of every object. Default none. */
  readonly prefix?: string
  /** Without them: what the environment of AWS says. */
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly tls?: S3Tls
  /** Makes the bucket at the first write when it is missing. Default true. */
  readonly createBucket?: boolean
  /** Open connections to the store. Default 16. */
  readonly maxConnections?: number
  /** A connection that moves no byte for so long is given up. Default 15,000. */
  readonly stallMs?: number
  /** How often one request is sent at most. Default 5. */
  readonly attempts?: number
}

/** PEM texts. */
export interface S3Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** One bucket and our prefix in it. */
export interface Bucket {
  readonly name: string
  readonly prefix: string
  readonly client: S3Client
  readonly stallMs: number
  readonly attempts: number
  /** Runs a write; where the bucket turns out to be missing and may be made, makes it and runs the write again. */
  writing<Result>(write: () => Promise<Result>): Promise<Result>
  close(): void
}

export function s3Bucket(options: S3Options): Bucket {
  const { bucket, prefix = '', region, createBucket = true, stallMs = 15_000, attempts = 5 } = options
  const client = new S3Client(clientConfig(options, stallMs, attempts))

  async function create(): Promise<void> {
    const elsewhere = region === 'us-east-1' ? undefined : { LocationConstraint: region as BucketLocationConstraint }
    try {
      await client.send(
        new CreateBucketCommand({ Bucket: bucket, ...(elsewhere && { CreateBucketConfiguration: elsewhere }) }),
      )
    } catch (error) {
      // Another process was faster.
      if (nameOf(error) !== 'BucketAlreadyOwnedByYou' && nameOf(error) !== 'BucketAlreadyExists') throw error
    }
  }

  return {
    name: bucket,
    prefix,
    client,
    stallMs,
    attempts,
    async writing(write) {
      try {
        try {
          return await write()
        } catch (error) {
          if (!createBucket || nameOf(error) !== 'NoSuchBucket') throw error
          await create()
          return await write()
        }
      } catch (error) {
        throw s3Failure(bucket, error)
      }
    },
    close: () => client.destroy(),
  }
}

function clientConfig(options: S3Options, stallMs: number, attempts: number): S3ClientConfig {
  const { endpoint, region, accessKeyId = '', secretAccessKey = '', tls = {}, maxConnections = 16 } = options
  const agent = { keepAlive: true, maxSockets: maxConnections }
  return {
    region,
    ...(endpoint !== undefined && endpoint !== '' && { endpoint, forcePathStyle: true }),
    ...(accessKeyId !== '' && { credentials: { accessKeyId, secretAccessKey } }),
    maxAttempts: attempts,
    // Checksums beyond the signed one are unknown to many compatible stores; blobs are checked by their digest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(stallMs, 5_000),
      socketTimeout: stallMs,
      httpAgent: agent,
      httpsAgent: { ...agent, ...tls },
    },
  }
}
