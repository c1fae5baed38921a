import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { runCql } from './cql.ts'
import { eventually } from './eventually.fixture.ts'
import type { Started, Way } from './find-servers.fixture.ts'
import { freePort } from './free-port.ts'
import { askHttp } from './http.ts'
import { askMetadata } from './kafka-metadata.ts'
import { kafkaProperties } from './kafka-properties.ts'
import { askRedis } from './redis.ts'
import type { ServerName, TestServers } from './test-servers.fixture.ts'

const startupMs = 300_000

/**
 * Servers in containers of a Docker engine on this machine. Kafka, toxiproxy and the registry must be reachable under
 * the same address from inside and from outside, so they share the network of the host.
 */
export const containers: Way = {
  async kafka() {
    const [port, controllerPort] = await Promise.all([freePort(), freePort()])
    const lines = kafkaProperties({ port, controllerPort, data: '/tmp/kafka', tls: undefined, login: undefined })
    const settings = '/mnt/shared/config/server.properties'
    const container = await onHostNetwork('apache/kafka:4.1.0')
      .withCopyContentToContainer([{ content: `${lines.join('\n')}\n`, target: settings }])
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .start()
    await eventually(() => askMetadata({ port }))
    return started(container, { brokers: [`127.0.0.1:${port}`] })
  },
  async cassandra() {
    const container = await new GenericContainer('cassandra:5.0.5')
      .withEnvironment({ MAX_HEAP_SIZE: '1G', HEAP_NEWSIZE: '256M' })
      .withExposedPorts(9042)
      .withWaitStrategy(Wait.forLogMessage(/Starting listening for CQL clients/))
      .withStartupTimeout(startupMs)
      .start()
    const port = container.getMappedPort(9042)
    await eventually(() => runCql({ port }, ['SELECT key FROM system.local']))
    return started(container, { contactPoints: [`127.0.0.1:${port}`], datacenter: 'datacenter1' })
  },
  async redis() {
    const container = await new GenericContainer('redis:7.4').withExposedPorts(6379).start()
    const port = container.getMappedPort(6379)
    await eventually(() => askRedis({ port }, ['PING']))
    return started(container, { url: `redis://127.0.0.1:${port}` })
  },
  async s3() {
    const container = await new GenericContainer('motoserver/moto:5.2.5').withExposedPorts(5000).start()
    const endpoint = `http://127.0.0.1:${container.getMappedPort(5000)}`
    await eventually(() => askHttp(endpoint))
    return started(container, { endpoint, accessKeyId: 'test', secretAccessKey: 'testtest' })
  },
  async toxiproxy() {
    const port = await freePort()
    const container = await onHostNetwork('ghcr.io/shopify/toxiproxy:2.5.0')
      .withCommand(['-host=127.0.0.1', `-port=${port}`])
      .withWaitStrategy(Wait.forLogMessage(/Starting HTTP server/))
      .start()
    const url = `http://127.0.0.1:${port}`
    await eventually(() => askHttp(`${url}/version`))
    return started(container, { url })
  },
  async schemaRegistry(kafka) {
    const brokers = (await kafka)?.brokers
    if (brokers === undefined) throw new Error('a schema registry keeps its schemas in Kafka, which is not there')
    const url = `http://127.0.0.1:${await freePort()}`
    const container = await onHostNetwork('confluentinc/cp-schema-registry:8.0.0')
      .withEnvironment({
        SCHEMA_REGISTRY_HOST_NAME: '127.0.0.1',
        SCHEMA_REGISTRY_LISTENERS: url,
        SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: brokers.map((broker) => `PLAINTEXT://${broker}`).join(','),
      })
      .withWaitStrategy(Wait.forLogMessage(/Server started, listening for requests/))
      .start()
    await eventually(() => askHttp(`${url}/subjects`))
    return started(container, { url })
  },
}

function onHostNetwork(image: string): GenericContainer {
  return new GenericContainer(image).withNetworkMode('host').withStartupTimeout(startupMs)
}

function started<N extends ServerName>(
  container: StartedTestContainer,
  endpoint: NonNullable<TestServers[N]>,
): Started<N> {
  return { endpoint, stop: () => container.stop() }
}
