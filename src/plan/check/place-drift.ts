import type { Drift, Inspection, PathFacts } from '../../model/check.ts'
import type { HostFacts } from '../../model/facts.ts'
import type { Host } from '../../model/target.ts'
import { type ExpectedPath, expectedPaths } from './expected-paths.ts'
import { advice, differing, drift, onHost, onHostAsRoot, onRunner } from './mend.ts'

const OWNER_ALL = 0o700
const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const ANY_WRITE = 0o222

/** The account that was logged in as, and the directories of the root with their owners and modes. */
export function placeDrift(
  host: Host,
  stage: string,
  facts: HostFacts,
  inspection: Inspection,
  live: string | undefined,
): readonly Drift[] {
  const account = accountDrift(host, facts)
  const [root] = inspection.paths
  if (root?.kind !== 'directory') {
    const mend = root?.kind === 'absent' ? onRunner(`deploy ${stage}`) : advice('move it away')
    return [...account, drift('root', `a directory at ${host.root}`, kindText(root), mend)]
  }
  // The account that the configuration names owns the root; where it names none, the one that was logged in as.
  const owner = host.client === 'local' ? facts.user : (host.user ?? facts.user)
  const found = new Map(inspection.paths.map(path => [path.path, path]))
  const isSettled = found.get('.stage')?.kind !== 'absent'
  const unsettled = drift('.stage', 'a directory', 'nothing', onRunner(`deploy ${stage}`))
  return [
    ...account,
    ...(isSettled ? [] : [unsettled]),
    ...expectedPaths(live).flatMap(expected => {
      // Where nothing was ever deployed to, one row says so.
      if (!isSettled && expected.path.startsWith('.stage')) return []
      const actual = found.get(expected.path)
      return actual === undefined ? [] : pathDrift(host.root, owner, expected, actual)
    }),
  ]
}

function accountDrift({ user, client }: Host, facts: HostFacts): readonly Drift[] {
  if (facts.uid === 0) {
    const mend = advice('deploy as a user of its own: a seal does not bind root')
    return [drift('account', user ?? 'an ordinary user', facts.user, mend)]
  }
  if (user === undefined || client === 'local') return []
  return differing('account', user, facts.user, advice('log in as the user that the configuration names'))
}

function pathDrift(root: string, owner: string, expected: ExpectedPath, actual: PathFacts): readonly Drift[] {
  const { path, kind, mayBeAbsent } = expected
  const [name, place] = path === '' ? ['root', root] : [path, `${root}/${path}`]
  if (actual.kind === 'absent' && mayBeAbsent) return []
  if (actual.kind !== kind) {
    const lost = advice('the records of the root are damaged: restore them, or begin with a new root')
    const mend = actual.kind === 'absent' && kind === 'directory' ? onHost`mkdir -m 755 ${place}` : lost
    return [drift(name, `a ${kind}`, kindText(actual), mend)]
  }
  const mode = actual.mode ?? 0
  return [
    ...differing(`${name}: owner`, owner, actual.owner ?? '?', onHostAsRoot`chown ${owner} ${place}`),
    ...modeDrift(name, place, expected, mode),
  ]
}

/**
 * A mode is not compared bit by bit: an administrator may close a root to readers, or give it a set-group-id bit. What counts is
 * who can write.
 */
function modeDrift(name: string, place: string, { kind, mode }: ExpectedPath, actual: number) {
  const field = `${name}: mode`
  if (mode === 'sealed') {
    if ((actual & ANY_WRITE) === 0) return []
    return [drift(field, 'read-only', octal(actual), onHost`chmod a-w ${place}`)]
  }
  if (mode === 'private' && (actual & OTHERS) !== 0)
    return [drift(field, 'for its owner alone', octal(actual), onHost`chmod go-rwx ${place}`)]
  if ((actual & OTHERS_WRITE) !== 0)
    return [drift(field, 'written by its owner only', octal(actual), onHost`chmod go-w ${place}`)]
  const needed = kind === 'directory' ? OWNER_ALL : 0o600
  if ((actual & needed) === needed) return []
  const mend = kind === 'directory' ? onHost`chmod u+rwx ${place}` : onHost`chmod u+rw ${place}`
  return [drift(field, 'open to its owner', octal(actual), mend)]
}

/** A mode as chmod takes it. */
export const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

function kindText(path: PathFacts | undefined): string {
  switch (path?.kind) {
    case undefined:
    case 'absent':
      return 'nothing'
    case 'directory':
      return 'a directory'
    case 'file':
      return 'a file'
    case 'link':
      return 'a link'
    case 'other':
      return 'something else'
  }
}
