import type { HostFacts } from '../model/facts.ts'
import type { HostName, StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import { sameProject } from '../version/project-name.ts'
import { refusal, warning } from './problems.ts'
import type { Wanted } from './request.ts'
import { stands } from './stands.ts'

/**
 * Space that a build is given on top of the sdist: an environment without packages takes about 1 MiB, a pip
 * unpacked once 12 MiB, wheels and what they unpack to the rest.
 */
const BUILD_RESERVE_BYTES = 64 * 1024 * 1024
/** The tree of the sdist stands unpacked, again installed, and its wheel is there while it builds. */
const COPIES_OF_THE_TREE = 3
const MIB = 1024 * 1024
/** An unpacked and compiled pip has about 1,100 files, an environment of a few packages as many again. */
const BUILD_RESERVE_INODES = 4_000

/** Can this account deploy into the root, and is it the root of this project? */
export function rootProblems({ host, root, user }: HostFacts, project: string): readonly Problem[] {
  if (root.kind === 'other') {
    const hint = `move it away on ${host}, it was not made here`
    return [refusal('root-not-directory', host, `the root ${root.path} is not a directory`, hint)]
  }
  const problems: Problem[] = []
  if (!root.writable) {
    const what = root.kind === 'absent' ? 'does not exist and cannot be created' : 'cannot be written'
    const why = root.why === undefined ? '' : `: ${root.why}`
    const hint = `as root on ${host}: install -d -o ${user} ${root.path}`
    problems.push(refusal('root-not-writable', host, `the root ${root.path} ${what} by ${user}${why}`, hint))
  }
  if (root.project !== undefined && !sameProject(root.project, project)) {
    problems.push(otherProject(host, root.path, root.project, root.boundBy, project))
  }
  return problems
}

/** A first deploy that failed leaves a root that is called its project's, and holds nothing: that one is taken. */
function otherProject(
  host: HostName,
  path: string,
  owner: string,
  boundBy: string | undefined,
  project: string,
): Problem {
  if (boundBy === undefined) {
    const message = `the root ${path} was made for ${owner}, which has nothing there: it becomes that of ${project}`
    return warning('root-claimed', host, message)
  }
  const message = `the root ${path} belongs to the project ${owner}, this is ${project}: ${boundBy}`
  const hint = [
    'give every project a root of its own: `root` in the configuration, for all hosts or for one',
    `if ${owner} is over on ${host}, remove its links, its revisions and ${path}/.stage there`,
  ]
  return refusal('other-project', host, message, hint.join('\n'))
}

/** A seal is write bits, which do not bind root. */
export function accountWarnings({ host, uid }: HostFacts): readonly Problem[] {
  if (uid !== 0) return []
  const message = 'the deploy account is root: read-only revisions do not hold for root'
  return [warning('root-account', host, message, 'deploy as a user of its own')]
}

/** Is there room for what is going to be uploaded and built here? */
export function spaceProblems(facts: HostFacts, stage: StageName, wanted: Wanted): readonly Problem[] {
  const { host, root } = facts
  if (wanted.sdist === undefined || root.kind === 'other' || stands(facts, wanted)) return []
  const { bytes, unpackedBytes } = wanted.sdist
  const needed = bytes + COPIES_OF_THE_TREE * unpackedBytes + BUILD_RESERVE_BYTES
  const hint = `make room there: \`deploy prune ${stage}\` removes old revisions`
  const problems: Problem[] = []
  if (root.freeBytes < needed) {
    const [free, want] = [Math.floor(root.freeBytes / MIB), Math.ceil(needed / MIB)]
    problems.push(
      refusal('disk', host, `${free} MiB are free at ${root.path}, about ${want} MiB are needed`, hint),
    )
  }
  if (root.freeInodes < BUILD_RESERVE_INODES) {
    const message = `${root.freeInodes} inodes are free at ${root.path}, about ${BUILD_RESERVE_INODES} are needed`
    problems.push(refusal('inodes', host, message, hint))
  }
  return problems
}
