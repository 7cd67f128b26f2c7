import type { Drift, Mend, SealedFacts } from '../../model/check.ts'
import type { HostFacts, SharedFacts } from '../../model/facts.ts'
import type { RevisionName } from '../../model/names.ts'
import { environmentFileOf, sharedPaths } from '../../model/shared.ts'
import type { Host, Target } from '../../model/target.ts'
import { advice, differing, drift, onHost } from './mend.ts'
import { octal } from './place-drift.ts'

/** Everything but what its owner may do: the file has secrets. */
const OTHERS = 0o077

/**
 * What the configuration shares, as it stands in `{root}/shared`, and the links of the live revision to it.
 *
 * @param sealed the live revision, where there is one to compare with
 */
export function sharedDrift(
  host: Host,
  target: Target,
  facts: HostFacts,
  { live, sealed }: { readonly live: RevisionName | undefined; readonly sealed: SealedFacts | undefined },
): readonly Drift[] {
  const { shared, stage } = target
  const at = (path: string) => `${host.root}/shared/${path}`
  const found = (path: string) => facts.shared.get(path)
  return [
    ...shared.directories.flatMap(path => directoryDrift(path, at(path), found(path), live)),
    ...shared.files.flatMap(path => fileDrift(path, at(path), found(path))),
    ...environmentFileDrift(
      environmentFileOf(stage),
      at(environmentFileOf(stage)),
      found(environmentFileOf(stage)),
    ),
    ...(live === undefined ? [] : linkDrift(live, target, facts)),
    ...(live === undefined ? [] : danglingDrift(host, live, sealed, sharedPaths(shared))),
  ]
}

function directoryDrift(
  path: string,
  place: string,
  found: SharedFacts | undefined,
  live: RevisionName | undefined,
): readonly Drift[] {
  if (found === undefined || found.kind === 'directory') return []
  const isMissing = found.kind === 'absent' && found.why === undefined
  // Where nothing is live the first deploy makes it.
  if (isMissing && live === undefined) return []
  const mend = isMissing
    ? onHost`mkdir -p -m 755 ${place}`
    : advice('make it by hand, for the account of the application')
  return [drift(`shared/${path}`, 'a directory', kindText(found), mend)]
}

function fileDrift(path: string, place: string, found: SharedFacts | undefined): readonly Drift[] {
  if (found === undefined || found.kind === 'file') return []
  const mend = advice(
    found.kind === 'absent' ? `put it at ${place}` : `move ${place} away, and put the file there`,
  )
  return [drift(`shared/${path}`, 'a file', kindText(found), mend)]
}

function environmentFileDrift(path: string, place: string, found: SharedFacts | undefined): readonly Drift[] {
  if (found === undefined || found.kind === 'absent') return []
  const field = `shared/${path}`
  if (found.kind !== 'file')
    return [drift(field, 'a file, or nothing', kindText(found), advice(`move ${place} away`))]
  const { mode = 0 } = found
  if ((mode & OTHERS) === 0) return []
  return [drift(`${field}: mode`, 'for its owner alone', octal(mode), onHost`chmod 600 ${place}`)]
}

/** A revision that was sealed with other links than are configured now keeps them. */
function linkDrift(live: RevisionName, { shared, stage }: Target, facts: HostFacts): readonly Drift[] {
  const known = facts.revisions.find(({ name, verdict }) => name === live && verdict === 'verified')
  if (known === undefined) return []
  const mend: Mend = advice(`a sealed revision never changes, ship a new version: deploy ${stage}`)
  return differing(`${live}: what is shared`, listed(sharedPaths(shared)), listed(known.shared), mend)
}

/** What is configured is told of by itself. */
function danglingDrift(
  host: Host,
  live: RevisionName,
  sealed: SealedFacts | undefined,
  configured: readonly string[],
): readonly Drift[] {
  return (sealed?.dangling ?? [])
    .filter(({ target }) => !configured.includes(target))
    .map(({ path, target }) => {
      const mend = advice(`put it back at ${host.root}/shared/${target}`)
      return drift(`${live}/${path}`, `shared/${target}`, 'not there', mend)
    })
}

const listed = (paths: readonly string[]): string =>
  paths.length === 0 ? 'nothing' : paths.toSorted().join(', ')

function kindText({ kind, why }: SharedFacts): string {
  const what = { absent: 'nothing', directory: 'a directory', file: 'a file', other: 'something else' }[kind]
  return why === undefined ? what : `${what}: ${why}`
}
