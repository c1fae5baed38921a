import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { onTestFinished } from 'vitest'
import { nameOf } from './s3-failure.ts'
import type { S3Options } from './bucket.ts'

export interface S3Server {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface TestBucket {
  readonly options: S3Options
  /** Of the whole server, to look and to do harm behind a store's back. */
  readonly client: S3Client
  readonly name: string
  keys(): Promise<readonly string[]>
}

/** A bucket name of the test's own, not made yet; it is removed when the test has finished. */
export function testBucket(server: S3Server): TestBucket {
  const { endpoint, accessKeyId, secretAccessKey } = server
  const name = `millrace-test-${crypto.randomUUID()}`
  const options: S3Options = { ...server, region: 'us-east-1', bucket: name, prefix: 'here/' }
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
  async function keys(): Promise<readonly string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }))
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]))
  }
  onTestFinished(async () => {
    try {
      for (let found = await keys(); found.length > 0; found = await keys()) {
        const Objects = found.map((Key) => ({ Key }))
        await client.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects } }))
      }
      await client.send(new DeleteBucketCommand({ Bucket: name }))
    } catch (error) {
      if (nameOf(error) !== 'NoSuchBucket') throw error
    }
    client.destroy()
  })
  return { options, client, name, keys }
}
