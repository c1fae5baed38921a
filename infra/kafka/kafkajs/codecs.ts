import { compressionsAlgorithms } from '@platformatic/kafka'
import kafkajs from 'kafkajs'
import { promisify } from 'node:util'
import zlib from 'node:zlib'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** What kafkajs asks of a codec: its encoder holds the bytes in `buffer`. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

/**
 * Teaches kafkajs, which has gzip only, every compression that a record of other programs may come in: zstd by Node itself (22.15 and
 * later; before that such a record cannot be read), lz4 frames and snappy by the codecs of the other Kafka client.
 */
export function registerCodecs(): void {
  const { lz4, snappy } = compressionsAlgorithms
  CompressionCodecs[CompressionTypes.LZ4] = () => synchronous(lz4.compressSync, lz4.decompressSync)
  CompressionCodecs[CompressionTypes.Snappy] = () => synchronous(snappy.compressSync, snappy.decompressSync)
  if (canZstd()) CompressionCodecs[CompressionTypes.ZSTD] = zstd
}

/** Whether this Node can compress with zstd. */
export function canZstd(): boolean {
  return typeof zlib.zstdCompress === 'function'
}

function zstd(): Codec {
  const compress = promisify(zlib.zstdCompress)
  const decompress = promisify(zlib.zstdDecompress)
  return {
    compress: ({ buffer }) => compress(buffer),
    decompress: (bytes) => decompress(bytes),
  }
}

function synchronous(compress: (bytes: Buffer) => Buffer, decompress: (bytes: Buffer) => Buffer): Codec {
  return {
    compress: async ({ buffer }) => compress(buffer),
    decompress: async (bytes) => decompress(bytes),
  }
}
