import type { RevisionName } from '../../model/names.ts'

/** What stands at a path of every root that was deployed to. */
export interface ExpectedPath {
  /** Below the root; empty: the root itself. */
  readonly path: string
  readonly kind: 'directory' | 'file'
  /**
   * `open`: the deploy account creates in it or appends to it. `private`: and nobody else can look into it, which closes all that
   * stands in it too. `sealed`: nobody writes.
   */
  readonly mode: 'open' | 'private' | 'sealed'
  /** A root that was settled by an earlier release has not all of them yet: the next run makes them. */
  readonly mayBeAbsent: boolean
}

const ours = (path: string, kind: 'directory' | 'file', mayBeAbsent = false): ExpectedPath => ({
  path: path === '' ? '.stage' : `.stage/${path}`,
  kind,
  mode: 'open',
  mayBeAbsent,
})

/**
 * The paths that a root should have, whatever is live in it.
 *
 * @param live the revision that the link names; its own directory is looked at here, what is in it elsewhere
 */
export function expectedPaths(live: RevisionName | undefined): readonly ExpectedPath[] {
  return [
    { path: '', kind: 'directory', mode: 'open', mayBeAbsent: false },
    { ...ours('', 'directory'), mode: 'private' },
    ...['locks', 'rejected', 'sdists', 'tools', 'incoming'].map(name => ours(name, 'directory')),
    ...['frozen', 'trees'].map(name => ours(name, 'directory', true)),
    ours('root.json', 'file'),
    ours('journal.jsonl', 'file', true),
    ...(live === undefined ? [] : [sealed(live)]),
  ]
}

const sealed = (live: RevisionName): ExpectedPath => ({
  path: live,
  kind: 'directory',
  mode: 'sealed',
  // Said of the link, and of the revision itself.
  mayBeAbsent: true,
})
