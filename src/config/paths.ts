import { isAbsolute, posix, resolve } from 'node:path'
import type { Place } from '../recipe/place.ts'
import { readText, unexpected } from '../recipe/readers.ts'

/** What relative paths of the runner start from. */
export interface PathBase {
  /** Directory of the configuration file; absolute. */
  readonly directory: string
  /** What `~` stands for. */
  readonly home: string
}

/** A file of the runner: absolute, or relative to the configuration, or below `~/`. */
export function readLocalPath(value: unknown, place: Place, base: PathBase): string {
  const path = readText(value, place, 'a path')
  return localPath(path, base)
}

/** Where a path of the runner leads, as it is written in a configuration. */
export function localPath(path: string, base: PathBase): string {
  if (path.startsWith('~/')) return resolve(base.home, path.slice(2))
  return isAbsolute(path) ? path : resolve(base.directory, path)
}

/** A root on a host: absolute, spelled as the host will say it back, and never the whole disk. */
export function readRoot(value: unknown, place: Place): string {
  const root = readText(value, place, 'an absolute path')
  if (root === '') return root
  const normal = posix.normalize(root).replace(/(?<=.)\/+$/, '')
  if (!root.startsWith('/')) unexpected(value, place, 'an absolute path')
  else if (normal === '/') place.wrong('root', 'the root cannot be / itself', "the default is '/var/webcode'")
  else if (/\p{Cc}/u.test(root)) place.wrong('root', 'a root cannot have control characters in its name')
  else if (normal !== root) unexpected(value, place, `the path without detours: '${normal}'`)
  return root
}
