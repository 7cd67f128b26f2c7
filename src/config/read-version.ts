import { types } from 'node:util'
import type { VersionScheme, VersionSource } from '../model/version-policy.ts'
import { readArgv } from '../recipe/argv.ts'
import type { Place } from '../recipe/place.ts'
import { isPlainObject, readChoice, readFields, readText, unexpected } from '../recipe/readers.ts'
import { whyNoPattern } from '../recipe/why-no-pattern.ts'
import { type PathBase, readLocalPath } from './paths.ts'

export const readVersions = (value: unknown, place: Place): VersionScheme =>
  readChoice(value, place, ['pep440', 'semver'])

const sources = "'sdist', { file, pattern }, { git: 'describe' } or { command }"

/** Where the version is written down besides the sdist. */
export function readVersion(value: unknown, place: Place, base: PathBase): VersionSource {
  if (isPlainObject(value) && Object.keys(value).length > 0) return readObject(value, place, base)
  if (value !== 'sdist') unexpected(value, place, sources)
  return { kind: 'sdist' }
}

function readObject(value: Readonly<Record<string, unknown>>, place: Place, base: PathBase): VersionSource {
  if ('file' in value || 'pattern' in value) return readFile(value, place, base)
  if ('git' in value || 'tagPrefix' in value) return readGit(value, place)
  const { command } = readFields(value, place, ['file', 'pattern', 'git', 'tagPrefix', 'command'])
  if (command === undefined) return { kind: 'sdist' }
  return { kind: 'command', argv: readArgv(command, place.at('command')) }
}

function readFile(value: unknown, place: Place, base: PathBase): VersionSource {
  const { file, pattern } = readFields(value, place, ['file', 'pattern'])
  return {
    kind: 'file',
    path: readLocalPath(file, place.at('file'), base),
    pattern: readPattern(pattern, place.at('pattern')),
  }
}

/** A regular expression with a group. A text is one whose ^ and $ are the ends of a line. */
function readPattern(value: unknown, place: Place): RegExp {
  const pattern = types.isRegExp(value) ? value : compiled(readText(value, place, 'a pattern'), place)
  if (pattern === undefined) return /()/
  // Together with nothing it matches the empty text, and shows how many groups there are.
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec('')?.length ?? 1
  if (groups < 2) place.wrong('pattern', 'the pattern has no group', 'put the version in parentheses')
  return pattern
}

function compiled(text: string, place: Place): RegExp | undefined {
  if (text === '') return undefined
  try {
    return new RegExp(text, 'm')
  } catch (error) {
    place.wrong('pattern', `this is no regular expression: ${whyNoPattern(error)}`)
    return undefined
  }
}

function readGit(value: unknown, place: Place): VersionSource {
  const { git, tagPrefix = 'v' } = readFields(value, place, ['git', 'tagPrefix'])
  readChoice(git, place.at('git'), ['describe'])
  const prefix =
    tagPrefix === '' ? '' : readText(tagPrefix, place.at('tagPrefix'), 'what stands before the version')
  // It becomes a part of a glob(7) for git.
  if (/[^A-Za-z0-9._/@+-]/.test(prefix))
    place.at('tagPrefix').wrong('tag-prefix', 'a tag begins with letters, digits and . _ / @ + - only')
  return { kind: 'git', tagPrefix: prefix }
}
