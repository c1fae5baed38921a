import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configKeys, type ConfigKey } from '#infra/app/config-keys.ts'
import { loadConfig, variableOf } from '#infra/app/config.ts'
import { images } from '#infra/app/dev-cluster/docker-servers.ts'
import { roleNames } from '#infra/app/roles/role-names.ts'
import { metricDefinitions, type MetricName } from '#schemas/metrics.ts'
import manifest from '../../package.json' with { type: 'json' }

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly healthcheck?: object
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const folder = import.meta.dirname
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const compose: { services: Record<string, Service>; volumes: object } = parse(read('compose.yaml'), { merge: true })
const services = Object.entries(compose.services)
const roles = services.filter(([, { image }]) => image === 'millrace')
const secret = /PASSWORD|SECRET|API_KEY|CURSOR_KEY|ACCESS_KEY|ROOT_USER/
const variables = new Set((Object.keys(configKeys) as ConfigKey[]).map(variableOf))

describe('The compose file', () => {
  it('runs every role by a command that exists', () => {
    expect(roles.map(([name]) => name).toSorted()).toEqual([...roleNames].toSorted())
    for (const [name, { command }] of roles) expect(command).toEqual([name])
  })

  it('configures them by keys that exist, to values that are allowed', () => {
    for (const [name, { environment = {} }] of roles) {
      expect({ name, unknown: unknownVariables(environment) }).toEqual({ name, unknown: [] })
      const filled = Object.entries(environment).map(([key, value]) => [
        key,
        value.replace(/^\$\{.*\}$/, 'given-by-hand'),
      ])
      const config = loadConfig({ env: Object.fromEntries(filled) })
      expect(config).toMatchObject({ preset: 'cluster', blobStore: 's3', apiKeys: 'given-by-hand' })
      for (const url of [config.ingestUrls, config.serveUrls, config.trainUrls])
        expect(compose.services).toHaveProperty(new URL(url).hostname)
      for (const point of [config.kafkaBrokers, config.cassandraContactPoints])
        expect(compose.services).toHaveProperty(point.split(':')[0] ?? '')
    }
  })

  it('would be found wrong if it named a key that does not exist', () => {
    expect(unknownVariables({ MILLRACE_KAFKA_BROKER: 'kafka:9092', KAFKA_NODE_ID: '1' })).toEqual([
      'MILLRACE_KAFKA_BROKER',
    ])
  })

  it('pins every image and checks the health of all', () => {
    for (const [name, { image, healthcheck }] of services) {
      if (image === 'millrace') continue
      expect({ name, image }).toEqual({ name, image: expect.stringMatching(/^[a-z/-]+:(?!latest)\S*\d\S*$/) })
      expect({ name, healthcheck }).toEqual({ name, healthcheck: expect.anything() })
    }
    expect(read('Dockerfile')).toContain('HEALTHCHECK')
  })

  it('runs the servers that a development cluster runs in containers', () => {
    for (const [name, image] of Object.entries(images)) expect(compose.services[name]?.image).toBe(image)
  })

  it('waits for what exists, and for its health', () => {
    for (const [, { depends_on: needed = {} }] of services) {
      for (const [other, { condition }] of Object.entries(needed)) {
        expect(compose.services).toHaveProperty(other)
        expect(condition).toBe('service_healthy')
      }
    }
  })

  it('holds no secret and listens on this machine only', () => {
    const secrets = services.flatMap(([name, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([key]) => secret.test(key))
        .map(([key, value]) => ({ name, key, value })),
    )
    expect(secrets.length).toBeGreaterThan(5)
    expect(secrets.filter(({ value }) => !/^\$\{[A-Z0-9_]+:\?/.test(value))).toEqual([])
    for (const port of services.flatMap(([, { ports = [] }]) => ports)) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it('mounts folders that are there, and volumes that it makes', () => {
    const sources = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    const isThere = (source: string) =>
      source.startsWith('.') ? existsSync(join(folder, source)) : Object.hasOwn(compose.volumes, source)
    expect(sources.length).toBeGreaterThan(4)
    expect(sources.filter((source) => !isThere(source))).toEqual([])
  })
})

describe('The image', () => {
  it('is built of what a checkout has and what the build makes', () => {
    const dockerfile = read('Dockerfile')
    const copied = Array.from(dockerfile.matchAll(/^COPY --from=build (.+) \S+$/gm), (match) => match[1] ?? '')
    const paths = copied.flatMap((line) => line.split(' ')).map((path) => path.replace('/build/', ''))
    const made = ['dist', 'node_modules']
    expect(paths).toEqual(expect.arrayContaining(['bin', 'dist', 'node_modules', 'package.json', 'infra/demo/data']))
    for (const path of paths) expect(made.includes(path) || existsSync(join(folder, '../..', path))).toBe(true)
    for (const path of manifest.files.filter((file) => file !== 'README.md')) expect(paths).toContain(path)
    const { build } = compose.services['process'] ?? {}
    expect(existsSync(join(folder, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true)
  })

  it('has the Node that the sources need, in both stages', () => {
    const versions = Array.from(read('Dockerfile').matchAll(/^FROM node:(\d+)\.\d+\.\d+-/gm), (match) => match[1])
    expect(versions).toEqual([/\d+/.exec(manifest.devDependencies.node)?.[0], versions[0]])
  })
})

describe('Prometheus', () => {
  const config = parse(read('prometheus/prometheus.yml'))
  const { groups }: { groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[] } =
    parse(read('prometheus/alerts.yaml'))

  it('scrapes every role where it listens, with the key it asks for', () => {
    const [job] = config.scrape_configs
    expect(job.dns_sd_configs[0].names.toSorted()).toEqual([...roleNames].toSorted())
    expect(`${job.dns_sd_configs[0].port}`).toBe(compose.services['process']?.environment?.['MILLRACE_PORT'])
    expect(job.authorization.credentials_file).toBe('/run/secrets/api-key')
    expect(config.rule_files.every((file: string) => existsSync(join(folder, 'prometheus', file)))).toBe(true)
  })

  it('is alarmed by metrics that exist', () => {
    const rules = groups.flatMap((group) => group.rules)
    expect(rules.length).toBeGreaterThan(5)
    for (const { alert, expr, annotations } of rules) {
      expect({ alert, wrong: unknownMetrics(expr) }).toEqual({ alert, wrong: [] })
      expect(annotations.summary).not.toBe('')
    }
  })

  it('would be found wrong if a rule named a metric or a label that does not exist', () => {
    expect(unknownMetrics('rate(millrace_lag_event[5m]) > 0')).toEqual(['millrace_lag_event'])
    expect(unknownMetrics('rate(millrace_lag_events_bucket[5m])')).toEqual(['millrace_lag_events_bucket'])
    expect(unknownMetrics('sum by (offset) (millrace_lag_events)')).toEqual(['offset'])
    expect(unknownMetrics('millrace_lag_events{topics="x"}')).toEqual(['topics'])
  })
})

describe('The dashboard', () => {
  const { panels }: { panels: { title: string; targets?: { expr: string; legendFormat: string }[] }[] } = JSON.parse(
    read('grafana/dashboards/millrace.json'),
  )
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

  it('shows metrics that exist', () => {
    for (const expr of expressions) expect({ expr, wrong: unknownMetrics(expr) }).toEqual({ expr, wrong: [] })
  })

  it('shows what says whether all is well', () => {
    expect(vital.filter((name) => !expressions.some((expr) => expr.includes(name)))).toEqual([])
  })

  it('is found by Grafana, and finds its data', () => {
    const [provider] = parse(read('grafana/provisioning/dashboards/millrace.yaml')).providers
    const mount = compose.services['grafana']?.volumes?.find((volume) => volume.includes(provider.options.path))
    expect(readdirSync(join(folder, mount?.split(':')[0] ?? ''))).toContain('millrace.json')
    const [source] = parse(read('grafana/provisioning/datasources/prometheus.yaml')).datasources
    expect(compose.services).toHaveProperty(new URL(source.url).hostname)
    expect(read('grafana/dashboards/millrace.json')).toContain(`"uid": "${source.uid}"`)
  })
})

function unknownVariables(environment: object): string[] {
  return Object.keys(environment).filter((name) => name.startsWith('MILLRACE_') && !variables.has(name))
}

const vital: readonly MetricName[] = [
  'millrace_ingest_events_total',
  'millrace_ingest_latency_seconds',
  'millrace_lag_events',
  'millrace_freshness_seconds',
  'millrace_recommend_latency_seconds',
  'millrace_degraded_total',
  'millrace_shed_total',
  'millrace_index_recall',
  'millrace_index_size',
  'millrace_model_info',
  'millrace_model_age_seconds',
  'millrace_dead_letters_total',
  'millrace_ctr',
  'millrace_cache_hits_total',
  'millrace_pool_in_use',
  'millrace_gateway_requests_total',
]

const processMetrics = [
  'up',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_eventloop_lag_p99_seconds',
]
const targetLabels = ['role', 'instance', 'job', 'le']

/** Names in a PromQL expression that are no metric of ours and no label one of them has. */
function unknownMetrics(expr: string): string[] {
  const named = Object.entries(metricDefinitions).flatMap(([name, { type, labels }]) =>
    (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]).map(
      (series) => [series, labels] as const,
    ),
  )
  const known = new Map<string, readonly string[]>([...named, ...processMetrics.map((name) => [name, []] as const)])
  const series = Array.from(expr.matchAll(/\b(?:millrace|process|nodejs)_\w+|\bup\b/g), ([name]) => name)
  const labels = new Set([...targetLabels, ...series.flatMap((name) => known.get(name) ?? [])])
  const grouped = Array.from(expr.matchAll(/\bby \(([^)]*)\)/g), (match) => (match[1] ?? '').split(/,\s*/)).flat()
  const selected = Array.from(expr.matchAll(/(\w+)(?:=~|!~|!=|=)"/g), (match) => match[1] ?? '')
  return [
    ...series.filter((name) => !known.has(name)),
    ...[...grouped, ...selected].filter((name) => !labels.has(name)),
  ]
}
