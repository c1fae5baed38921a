import { Command } from 'commander'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { drawTopology } from '#stream-processors/drawing.ts'
import { topology } from '#stream-processors/topology.ts'

/** `millrace describe` */
export function describeCommand(): Command {
  return new Command('describe').description('print the topology as a Mermaid flowchart').action(() => {
    const { interactions, items, profiles } = topology(defaultFoldSettings)
    process.stdout.write(drawTopology([interactions, items, profiles]))
  })
}
