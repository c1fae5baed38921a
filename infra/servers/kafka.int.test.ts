import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { makeCertificates } from './certificates.fixture.ts'
import { download } from './downloads.ts'
import { findJava } from './java.ts'
import { kafkaDownload, startKafka } from './kafka.ts'
import { askMetadata } from './kafka-metadata.ts'
import { readClientTls } from './server-tls.ts'
import { canStart } from './can-start.fixture.ts'
import { temporaryFolder } from './temporary-folder.fixture.ts'

const run = promisify(execFile)

describe.skipIf(!(await canStart('kafka')))('Kafka on this machine', async () => {
  const folder = await temporaryFolder()
  afterAll(() => folder[Symbol.asyncDispose]())

  it('finds its topics after kill -9 when it is started again on the same folder and ports', async () => {
    const dir = join(folder.path, 'plain')
    await using first = await startKafka({ dir })
    await topicCommand(first.brokers, ['--create', '--topic', 'kept', '--partitions', '3'])
    await first.kill()

    const { port, controllerPort } = first
    await using second = await startKafka({ dir, port, controllerPort })
    expect(await topicCommand(second.brokers, ['--list'])).toBe('kept\n')
    await second.stop()
    expect((await second.exited).signal).toBeNull()
  })

  it('refuses who shows no certificate, trusts another authority, or has another password', async () => {
    const { server: serverTls } = await makeCertificates(join(folder.path, 'certificates'))
    const strangers = await makeCertificates(join(folder.path, 'strangers'))
    const tls = { ...serverTls, askClients: true }
    const login = { username: 'millrace', password: 'Secret1' }
    await using server = await startKafka({ dir: join(folder.path, 'encrypted'), tls, login })

    const { port } = server
    const client = await readClientTls(tls)
    expect(await askMetadata({ port, tls: client, login })).toBe(1)
    await expect(askMetadata({ port, tls: { ca: client.ca }, login })).rejects.toThrow(/certificate/)
    const mistrustful = { ...client, ca: (await readClientTls(strangers.server)).ca }
    await expect(askMetadata({ port, tls: mistrustful, login })).rejects.toThrow(/certificate/)
    const wrong = { ...login, password: 'Secret2' }
    await expect(askMetadata({ port, tls: client, login: wrong })).rejects.toThrow('Kafka refuses millrace')
    await expect(askMetadata({ port, login })).rejects.toThrow(/closed|ECONNRESET/)
  })
})

/** Kafka's own tool; resolves with what it printed. */
async function topicCommand(brokers: readonly string[], args: readonly string[]): Promise<string> {
  const classPath = join(await download(kafkaDownload), '*')
  const tool = ['-cp', classPath, 'org.apache.kafka.tools.TopicCommand', '--bootstrap-server', brokers.join(',')]
  const { stdout } = await run(await findJava(), [...tool, ...args])
  return args.includes('--list') ? stdout : ''
}
