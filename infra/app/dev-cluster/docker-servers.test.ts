import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clusterFolder, makeFolders } from './cluster-folder.ts'
import {
  containerPid,
  type DockerClient,
  dockerAnswers,
  images,
  startContainers,
  stopContainers,
} from './docker-servers.ts'
import { oneOfEach, portNames, type Plan } from './plan.ts'

const ports = Object.fromEntries(portNames(oneOfEach).map((name, at) => [name, 20_000 + at]))
const plan: Plan = { format: 1, servers: 'docker', instances: oneOfEach, partitions: 8, ports, asked: 1 }

/** Answers by the first words of a call; what it is not told fails. */
function scripted(answers: Readonly<Record<string, string>>): { docker: DockerClient; calls: string[] } {
  const calls: string[] = []
  const docker: DockerClient = async (args) => {
    const call = args.join(' ')
    calls.push(call)
    const known = Object.keys(answers).find((pattern) => new RegExp(pattern).test(call))
    if (known === undefined) throw new Error('Cannot connect to the Docker daemon')
    return answers[known] ?? ''
  }
  return { docker, calls }
}

it('Docker is there when an engine answers, not when its client is installed', async () => {
  expect(await dockerAnswers(scripted({ '^version': '28.2.2\n', '^compose version': 'v2' }).docker)).toBe(true)
  expect(await dockerAnswers(scripted({ '^compose version': 'v2' }).docker)).toBe(false)
  expect(await dockerAnswers(scripted({ '^version': '28.2.2\n' }).docker)).toBe(false)
})

it('The servers run in containers of a project of their own, on the ports of the plan', async () => {
  const folder = clusterFolder(mkdtempSync(join(tmpdir(), 'millrace-docker-')))
  makeFolders(folder)
  const { docker, calls } = scripted({ 'up --detach|stop$': '', 'ps --quiet redis': 'abc\n', '^inspect': '4711\n' })
  await startContainers(plan, folder, docker)
  const file = join(folder.run, 'servers.compose.json')
  const { services } = JSON.parse(readFileSync(file, 'utf8'))
  for (const [name, image] of Object.entries(images)) {
    expect(services[name]).toMatchObject({ image, restart: 'always' })
    expect(services[name].ports[0]).toMatch(new RegExp(`^127.0.0.1:${ports[name]}:\\d+$`))
  }
  expect(await containerPid(folder, 'redis', docker)).toBe(4711)
  expect(await containerPid(folder, 'kafka', docker)).toBeNull()
  await stopContainers(folder, docker)
  expect(calls[0]).toMatch(
    /^compose --project-name millrace-[0-9a-f]{12} --file \S+servers\.compose\.json up --detach$/,
  )
  await expect(startContainers(plan, folder, scripted({}).docker)).rejects.toThrow('--servers local')
  rmSync(folder.path, { recursive: true })
})
