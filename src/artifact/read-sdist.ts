import { basename, resolve } from 'node:path'
import { StageError } from '../model/stage-error.ts'
import type { DistributionRules } from './distribution-rules.ts'
import { type Fault, refusal } from './fault.ts'
import { ARCHIVE_LIMITS, type ArchiveLimits } from './limits.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import { UnreadableFile } from './plain-file.ts'
import { type SdistScan, scanSdist } from './scan-sdist.ts'
import { namesSdist } from './sdist-name.ts'
import { components, topLevelOf, treeFaults } from './tree-faults.ts'

/** A source distribution that was read to its end and can be unpacked. */
export interface Sdist {
  /** Absolute. */
  readonly path: string
  readonly fileName: string
  /** As PKG-INFO spells it. */
  readonly name: string
  /** In the normal form of PEP 440. */
  readonly version: string
  /** `{name}-{version}`: what the revision is called. */
  readonly revision: string
  /** As PKG-INFO has it; not checked to be a specifier. */
  readonly requiresPython: string | undefined
  /** Of the file, in hexadecimal. */
  readonly sha256: string
  /** Bytes of the file. */
  readonly size: number
  /** Bytes of all files in it together. */
  readonly unpackedSize: number
  /** The one directory that everything in it is in. */
  readonly topLevel: string
  /** Everything in it but directories, by its path in that one. */
  readonly files: readonly string[]
  /** The directories that it names, likewise. */
  readonly directories: readonly string[]
}

/**
 * Reads an sdist and refuses what is not safe to unpack or does not say who it is. The host that unpacks it checks
 * again; here it is said before any host is touched.
 *
 * @throws StageError `artifact` with every reason that was found
 */
export async function readSdist(
  path: string,
  rules: DistributionRules,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<Sdist> {
  const fileName = basename(path)
  const scan = await scanFile(path, limits)
  const { metadata, faults: metadataFaults } = identify(scan, rules)
  const topLevel = topLevelOf(scan.entries)
  const faults = [
    ...treeFaults(scan.entries),
    ...metadataFaults,
    ...(scan.unreadable === undefined ? [] : [scan.unreadable.fault]),
    ...(metadata === undefined ? [] : fileNameFaults(fileName, metadata, rules)),
  ]
  if (faults.length > 0 || metadata === undefined || topLevel === undefined) {
    throw refusal(fileName, faults, scan.unreadable)
  }
  const { sha256, size, unpackedSize } = scan
  const revision = `${metadata.name}-${metadata.version}`
  const files = scan.entries.flatMap(entry => (entry.kind === 'directory' ? [] : [pathInside(entry.path)]))
  const directories = scan.entries.flatMap(entry =>
    entry.kind === 'directory' && pathInside(entry.path) !== '' ? [pathInside(entry.path)] : [],
  )
  const sizes = { size, unpackedSize }
  return {
    path: resolve(path),
    fileName,
    ...metadata,
    revision,
    sha256,
    ...sizes,
    topLevel,
    files,
    directories,
  }
}

const pathInside = (path: string): string => components(path).slice(1).join('/')

async function scanFile(path: string, limits: ArchiveLimits): Promise<SdistScan> {
  try {
    return await scanSdist(path, limits)
  } catch (error) {
    if (error instanceof UnreadableFile) throw new StageError('artifact', error.message, { cause: error })
    if (!(error instanceof Error && 'errno' in error)) throw error
    throw new StageError('artifact', `${path} cannot be read: ${error.message}`, {
      hint: 'name an sdist, or build one with `python3 -m build --sdist`',
      cause: error,
    })
  }
}

function identify(
  { pkgInfo, entries, unreadable }: SdistScan,
  rules: DistributionRules,
): { readonly metadata: Metadata | undefined; readonly faults: readonly Fault[] } {
  if (pkgInfo !== undefined) return readMetadata(pkgInfo.text, pkgInfo.path, rules)
  // Where reading ended early, it may be in what was not read.
  if (unreadable !== undefined) return { metadata: undefined, faults: [] }
  const message = `the archive has no file ${topLevelOf(entries) ?? '{directory}'}/PKG-INFO, so it is not an sdist`
  return { metadata: undefined, faults: [{ code: 'metadata', entry: undefined, message }] }
}

function fileNameFaults(fileName: string, metadata: Metadata, rules: DistributionRules): readonly Fault[] {
  if (namesSdist(fileName, metadata, rules)) return []
  const { name, version } = metadata
  const message = `the file is called ${JSON.stringify(fileName)}, but inside it is ${name} ${version}: it should be called ${name}-${version}.tar.gz`
  return [{ code: 'file-name', entry: undefined, message }]
}
