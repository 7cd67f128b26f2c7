import type { DistributionRules } from './distribution-rules.ts'
import type { Fault } from './fault.ts'
import { parsePkgInfo } from './pkg-info.ts'

/** Who an sdist says it is. */
export interface Metadata {
  /** As PKG-INFO spells it: it names the revision. */
  readonly name: string
  /** In normal form. */
  readonly version: string
  readonly requiresPython: string | undefined
}

/**
 * A revision's directory, and files that are named after it with a suffix, must be possible: file systems take 255
 * bytes (`NAME_MAX` of limits.h).
 */
const REVISION_BYTES = 200

/** Reads who an sdist is from the text of its PKG-INFO; the faults are all there are. */
export function readMetadata(
  pkgInfo: string,
  entry: string,
  rules: DistributionRules,
): { readonly metadata: Metadata | undefined; readonly faults: readonly Fault[] } {
  const headers = parsePkgInfo(pkgInfo)
  const faults: Fault[] = []
  const fault = (message: string) => void faults.push({ code: 'metadata', entry, message })
  const single = (header: string) => {
    const values = headers.get(header.toLowerCase()) ?? []
    if (values.length > 1) fault(`has ${values.length} headers ${header}`)
    return values[0]
  }
  const [name, written, requiresPython] = [single('Name'), single('Version'), single('Requires-Python')]
  if (name === undefined) fault('has no header Name')
  else if (!rules.isProjectName(name)) fault(`has the name ${JSON.stringify(name)}, which is no project name`)
  const version = written === undefined ? undefined : rules.normaliseVersion(written)
  if (written === undefined) fault('has no header Version')
  else if (version === undefined)
    fault(`has the version ${JSON.stringify(written)}, which is no PEP 440 version`)
  if (name !== undefined && version !== undefined && name.length + version.length >= REVISION_BYTES) {
    fault(`has a name and version of more than ${REVISION_BYTES} characters, too long for a directory`)
  }
  const isWhole = faults.length === 0 && name !== undefined && version !== undefined
  return { metadata: isWhole ? { name, version, requiresPython } : undefined, faults }
}
