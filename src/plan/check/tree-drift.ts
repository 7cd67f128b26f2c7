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
  return [
    ...(unnamed
      ? [drift(`tree of ${live}`, treeDigest, tree.digest ?? 'not all of it can be read', wayOut)]
      : []),
    ...tree.changes.map(change => changeDrift(live, place, change, wayOut)),
    ...more(`${live}: as it was sealed`, tree.changesTotal - tree.changes.length, wayOut),
    ...tree.strange.map(({ path, owner }) =>
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
    // The directory of the revision itself is one of the paths of the root.
    ...tree.writable
      .filter(({ path }) => path !== '')
      .map(({ path, mode }) =>
        drift(`${live}/${path}: mode`, 'read-only', octal(mode), onHost`chmod a-w ${`${place}/${path}`}`),
      ),
    ...more(`${live}: modes`, tree.writableTotal - tree.writable.length, onHost`chmod -R a-w ${place}`),
  ]
}

const more = (field: string, count: number, mend: Mend): readonly Drift[] =>
  count === 0 ? [] : [drift(field, 'as sealed', `${count} more that are not`, mend)]

function changeDrift(live: RevisionName, place: string, change: TreeChange, wayOut: Mend): Drift {
  const field = `${live}/${change.path}`
  const [expected, actual] = changeText(change)
  return drift(field, expected, actual, mendChange(place, change, wayOut))
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

function mendChange(place: string, { path, how, was = '' }: TreeChange, wayOut: Mend): Mend {
  const entry = `${place}/${path}`
  const directory = entry.slice(0, entry.lastIndexOf('/'))
  switch (how) {
    case 'added':
      return onHost`chmod u+w ${directory} && chmod -R u+w ${entry} && rm -r ${entry} && chmod a-w ${directory}`
    case 'relinked':
      return onHost`chmod u+w ${directory} && ln -sfn ${was} ${entry} && chmod a-w ${directory}`
    case 'executable':
      return onHost`chmod a-x ${entry}`
    case 'not-executable':
      return onHost`chmod a+x ${entry}`
    case 'unread':
      return onHost`chmod a+rX ${entry}`
    case 'changed':
    case 'removed':
    case 'replaced':
    case 'touched':
      return wayOut
  }
}
