import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { MillraceError } from '#schemas/errors.ts'
import { manifestFromJson, manifestToJson } from '#schemas/models/manifest-json.ts'
import type { ModelManifest, ModelRegistry } from '#schemas/ports/model-registry.ts'
import { createFile, errnoOf, fileFailure, openFolder } from './atomic-file.ts'

/** Manifests as JSON files, one a version, never changed. */
export function folderModelRegistry({ folder }: { readonly folder: string }): ModelRegistry {
  let ready: Promise<void> | undefined
  const pathOf = (version: string): string => join(folder, encodeURIComponent(version) + suffix)
  return {
    async add(manifest) {
      await (ready ??= openFolder(folder))
      const path = pathOf(manifest.version)
      if (await createFile(path, manifestToJson(manifest))) return
      const known = await readManifest(path)
      if (isDeepStrictEqual(known, manifestFromJson(path, JSON.stringify(manifest)))) return
      throw new MillraceError('conflict', `model ${manifest.version} is known with another manifest`, {
        facts: { version: manifest.version },
      })
    },
    get: (version) => readManifest(pathOf(version)),
    async list() {
      const names = (await readNames(folder)).filter((name) => name.endsWith(suffix))
      const manifests = await Promise.all(names.map((name) => readManifest(join(folder, name))))
      return manifests.filter((manifest) => manifest !== undefined).sort(newestFirst)
    },
  }
}

const suffix = '.json'

function newestFirst(a: ModelManifest, b: ModelManifest): number {
  return b.createdAt - a.createdAt || (a.version < b.version ? 1 : -1)
}

async function readManifest(path: string): Promise<ModelManifest | undefined> {
  const text = await absentAs(undefined, path, () => readFile(path, 'utf8'))
  return text === undefined ? undefined : manifestFromJson(path, text)
}

async function readNames(folder: string): Promise<readonly string[]> {
  return absentAs([], folder, () => readdir(folder))
}

async function absentAs<Found, Absent>(
  absent: Absent,
  path: string,
  read: () => Promise<Found>,
): Promise<Found | Absent> {
  try {
    return await read()
  } catch (error) {
    // A name that no file can have is the name of none.
    if (['ENOENT', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '')) return absent
    throw fileFailure(path, error)
  }
}
