import type { HostFacts, RevisionFacts, SharedFacts } from '../model/facts.ts'
import type { RecoverWay } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import { environmentFileOf, sharedPaths } from '../model/shared.ts'
import type { SharedSettings, Target } from '../model/target.ts'
import { refusal, warning } from './problems.ts'
import type { PlanRequest } from './request.ts'

/** What has to be looked at in `{root}/shared` before anything is decided for a stage. */
export const sharedToLookAt = ({ shared, stage }: Pick<Target, 'shared' | 'stage'>): readonly string[] => [
  ...sharedPaths(shared),
  environmentFileOf(stage),
]

/**
 * What is wrong with what this host's revisions share, and with the links of one that stands. A way back is only warned
 * about: what it goes back to was live with all of this, and it must not wait for a new file.
 */
export function sharedProblems(
  facts: HostFacts,
  target: Target,
  { intent, wanted }: PlanRequest,
): readonly Problem[] {
  const faults = [...placeFaults(facts, target), ...linkFault(facts, target, wanted)]
  return told(faults, facts, intent === 'rollback' ? warning : refusal)
}

/**
 * The same for a recovery that switches this host to `goal`, which was sealed before and may have fewer links than are
 * configured now: only what it links to has to be there. A way back is only warned about.
 */
export function sharedProblemsOfGoal(
  facts: HostFacts,
  target: Target,
  goal: RevisionFacts,
  way: RecoverWay,
): readonly Problem[] {
  const faults = placeFaults(facts, { stage: target.stage, shared: linkedFrom(goal, target.shared) })
  return told(faults, facts, way === 'back' ? warning : refusal)
}

/** What a sealed revision links to, of what is configured. */
export const linkedFrom = (
  { shared }: Pick<RevisionFacts, 'shared'>,
  { directories, files }: SharedSettings,
): SharedSettings => ({
  directories: directories.filter(path => shared.includes(path)),
  files: files.filter(path => shared.includes(path)),
})

function placeFaults(
  facts: HostFacts,
  { shared, stage }: Pick<Target, 'shared' | 'stage'>,
): readonly Fault[] {
  const at = (path: string) => `${facts.root.path}/shared/${path}`
  const found = (path: string) => facts.shared.get(path) ?? absent
  return [
    ...shared.directories.flatMap(path => directoryFault(at(path), found(path))),
    ...shared.files.flatMap(path => fileFault(at(path), found(path))),
    ...environmentFileFault(at(environmentFileOf(stage)), found(environmentFileOf(stage))),
  ]
}

const told = (
  faults: readonly Fault[],
  { host }: HostFacts,
  say: typeof refusal | typeof warning,
): readonly Problem[] => faults.map(({ code, message, hint }) => say(code, host, message, hint))

/** Directories of `{root}/shared` that are not there yet, and can be made. */
export const missingDirectories = (
  { shared }: HostFacts,
  { directories }: SharedSettings,
): readonly string[] =>
  directories.filter(path => {
    const { kind, why } = shared.get(path) ?? absent
    return kind === 'absent' && why === undefined
  })

const absent: SharedFacts = { kind: 'absent', mode: undefined, owner: undefined, why: undefined }

interface Fault {
  readonly code: string
  readonly message: string
  readonly hint: string
}

function directoryFault(path: string, { kind, why }: SharedFacts): readonly Fault[] {
  if (kind === 'directory' || (kind === 'absent' && why === undefined)) return []
  const what = kind === 'absent' ? 'cannot be made' : 'is not a directory'
  const message = `the shared directory ${path} ${what}${because(why)}`
  return [{ code: 'shared-directory', message, hint: 'make it by hand, for the account of the application' }]
}

function fileFault(path: string, { kind, why }: SharedFacts): readonly Fault[] {
  if (kind === 'file') return []
  if (kind === 'absent') {
    const message = `the shared file ${path} is missing`
    return [{ code: 'shared-file', message, hint: 'put it there once: no deploy makes or changes it' }]
  }
  const message = `the shared file ${path} is not a file${because(why)}`
  return [{ code: 'shared-file', message, hint: 'move it away, and put the file there' }]
}

const because = (why: string | undefined): string => (why === undefined ? '' : `: ${why}`)

/** Everything but what its owner may do. It has secrets. */
const OTHERS = 0o077

function environmentFileFault(path: string, { kind, mode, why }: SharedFacts): readonly Fault[] {
  if (kind === 'absent') return []
  if (kind !== 'file') {
    const message = `${path} has the place of the stage's variables and is not a file${because(why)}`
    return [{ code: 'environment-file', message, hint: 'move it away' }]
  }
  if (mode === undefined || (mode & OTHERS) === 0) return []
  const message = `the stage's variables in ${path} can be read or written by others: its mode is ${octal(mode)}`
  return [{ code: 'environment-file', message, hint: `chmod 600 ${path}` }]
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

/** A sealed revision cannot be given other links. */
function linkFault(facts: HostFacts, target: Target, wanted: PlanRequest['wanted']): readonly Fault[] {
  const known = facts.revisions.find(({ name, verdict }) => name === wanted.name && verdict === 'verified')
  // What does not stand, or is made from other bytes, is refused for that.
  if (known === undefined || !known.stands || known.sha256 !== wanted.sha256) return []
  const configured = sharedPaths(target.shared)
  const lacks = configured.filter(path => !known.shared.includes(path))
  const more = known.shared.filter(path => !configured.includes(path))
  if (lacks.length === 0 && more.length === 0) return []
  const parts = [
    ...(lacks.length === 0 ? [] : [`without a link for ${lacks.join(', ')}`]),
    ...(more.length === 0 ? [] : [`with one for ${more.join(', ')}, which is not shared any more`]),
  ]
  const message = `${wanted.name} was sealed ${parts.join(', and ')}`
  return [{ code: 'shared-links', message, hint: 'a sealed revision never changes: ship a new version' }]
}
