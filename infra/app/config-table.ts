import { configKeys, type ConfigKey } from './config-keys.ts'
import { variableOf } from './config.ts'

/** The reference table of the configuration, from the keys themselves. */
export function configTable(): string {
  const rows = (Object.keys(configKeys) as ConfigKey[]).map((key) => {
    const { default: fallback, says } = configKeys[key]
    return `| \`${key}\` | \`${variableOf(key)}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${says} |`
  })
  return ['| key | environment | default | what it is |', '| --- | --- | --- | --- |', ...rows, ''].join('\n')
}
