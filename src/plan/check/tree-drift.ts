import type { Drift, Mend, SealedFacts, TreeChange } from '../../model/check.ts'
import type { RevisionName } from '../../model/names.ts'
import { drift, onHost, onHostAsRoot } from './mend.ts'
import { octal } from './place-drift.ts'

/**
 * What changed in a sealed tree, each entry by its name. What can be made exactly what it was has a command; content that is
 * lost is not there to be had.
 *
 * @param place the revision's directory on the host
 * @param wayOut what to do where nothing brings it back
 */
export function treeDrift(
  live: RevisionName,
  place: string,
  { treeDigest, tree }: SealedFacts,
  wayOut: Mend,
): readonly Drift[] {
  // A change that is named says what a digest of it says too.
  const unnamed = tree.digest !== treeDigest && tree.changes.length === 0
  // What was added goes as a whole, whoever owns what in it, and whatever its modes are.
  const added = tree.changes.filter(({ how }) => how === 'added').map(({ path }) => path)
  const isAdded = ({ path }: { readonly path: string }) => added.some(top => isWithin(path, top))
  const strange = tree.strange.filter(one => !isAdded(one))
  // The directory of the revision itself is one of the paths of the root.
  const writable = tree.writable.filter(one => one.path !== '' && !isAdded(one))
  const needsRoot = (top: string) => tree.strange.some(({ path }) => isWithin(path, top))
  return [
    ...(unnamed
      ? [drift(`tree of ${live}`, treeDigest, tree.digest ?? 'not all of it can be read', wayOut)]
      : []),
    ...tree.changes.map(change =>
      changeDrift(live, place, change, needsRoot(change.path) ? onHostAsRoot : onHost, wayOut),
    ),
    ...more(`${live}: entries`, tree.changesTotal - tree.changes.length, wayOut),
    ...strange.map(({ path, owner }) =>
      drift(
        `${live}/${path}: owner`,
        'the deploy account',
        owner,
        onHostAsRoot`chown -h --reference=${place} ${`${place}/${path}`}`,
      ),
    ),
    ...more(
      `${live}: owners`,
      tree.strangeTotal - tree.strange.length,
      onHostAsRoot`chown -R -h --reference=${place} ${place}`,
    ),
    ...writable.map(({ path, mode }) =>
      drift(`${live}/${path}: mode`, 'read-only', octal(mode), onHost`chmod a-w ${`${place}/${path}`}`),
    ),
    ...more(`${live}: modes`, tree.writableTotal - tree.writable.length, onHost`chmod -R a-w ${place}`),
  ]
}

const isWithin = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

const more = (field: string, count: number, mend: Mend): readonly Drift[] =>
  count <= 0 ? [] : [drift(field, 'as sealed', `${count} more that are not`, mend)]

function changeDrift(
  live: RevisionName,
  place: string,
  change: TreeChange,
  command: typeof onHost,
  wayOut: Mend,
): Drift {
  const field = `${live}/${change.path}`
  const [expected, actual] = changeText(change)
  return drift(field, expected, actual, mendChange(place, change, command, wayOut))
}

function changeText({ how, was }: TreeChange): readonly [string, string] {
  switch (how) {
    case 'changed':
      return ['as sealed', 'its content changed']
    case 'added':
      return ['nothing', 'added']
    case 'removed':
      return ['as sealed', 'removed']
    case 'replaced':
      return ['as sealed', 'something of another kind']
    case 'relinked':
      return [`a link to ${was ?? '?'}`, 'a link to something else']
    case 'executable':
      return ['not executable', 'executable']
    case 'not-executable':
      return ['executable', 'not executable']
    case 'unread':
      return ['as sealed', 'it cannot be read']
    case 'touched':
      return ['as sealed', 'changed after the seal']
  }
}

function mendChange(
  place: string,
  { path, how, was = '' }: TreeChange,
  command: typeof onHost,
  wayOut: Mend,
): Mend {
  const entry = `${place}/${path}`
  const directory = entry.slice(0, entry.lastIndexOf('/'))
  switch (how) {
    case 'added':
      return command`chmod u+w ${directory} && chmod -R u+w ${entry} && rm -r ${entry} && chmod a-w ${directory}`
    case 'relinked':
      return command`chmod u+w ${directory} && ln -sfn ${was} ${entry} && chmod a-w ${directory}`
    case 'executable':
      return command`chmod a-x ${entry}`
    case 'not-executable':
      return command`chmod a+x ${entry}`
    case 'unread':
      return command`chmod a+rX ${entry}`
    case 'changed':
    case 'removed':
    case 'replaced':
    case 'touched':
      return wayOut
  }
}
