import { type LocalServer, prepareServer } from './prepare.ts'

/**
 * Whether tests can start servers of their own of this kind, fetched if need be; false after saying why not. With
 * `REQUIRE_KAFKA=1` (CASSANDRA, REDIS, S3, TOXIPROXY, MLFLOW, SPARK) it throws instead.
 */
export async function canStart(name: LocalServer): Promise<boolean> {
  try {
    await prepareServer(name)
    return true
  } catch (error) {
    if (process.env[`REQUIRE_${name.toUpperCase()}`] === '1') throw error
    process.stdout.write(
      `skipped: ${name} cannot be started here: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    return false
  }
}
