import type { HostFacts } from '../model/facts.ts'
import type { StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Recipe } from '../model/recipe.ts'
import { compareVersions } from '../version/compare.ts'
import { sameProject } from '../version/project-name.ts'
import { refusal, warning } from './problems.ts'
import type { PlanRequest, Wanted } from './request.ts'
import { liveOf, stageOf } from './stage-history.ts'

/**
 * Space that a build is given on top of the sdist: an environment without packages takes about 1 MiB, a pip
 * unpacked once 12 MiB, wheels and what they unpack to the rest.
 */
const BUILD_RESERVE_BYTES = 64 * 1024 * 1024
/** The stored sdist's tree stands twice (source and installed), its wheel is there while it builds. */
const COPIES_OF_THE_TREE = 3
const MIB = 1024 * 1024

/** Every reason why this host cannot take part, all at once; pure, from what the host said. */
export function preflight(
  facts: HostFacts,
  stage: StageName,
  request: PlanRequest,
  recipes: readonly Recipe[],
): readonly Problem[] {
  return [
    ...rootProblems(facts, request.wanted),
    ...accountWarnings(facts),
    ...linkProblems(facts, stage, request),
    ...revisionProblems(facts, request),
    ...diskProblems(facts, request),
    ...programProblems(facts, recipes),
    ...downgradeProblems(facts, stage, request),
  ]
}

function rootProblems({ host, root, user }: HostFacts, wanted: Wanted): readonly Problem[] {
  if (root.kind === 'other') {
    return [refusal('root-not-directory', host, `the root ${root.path} is not a directory`)]
  }
  const problems: Problem[] = []
  if (!root.writable) {
    const what = root.kind === 'absent' ? 'does not exist and cannot be created' : 'cannot be written'
    const why = root.why === undefined ? '' : `: ${root.why}`
    const hint = `as root on ${host}: install -d -o ${user} ${root.path}`
    problems.push(refusal('root-not-writable', host, `the root ${root.path} ${what} by ${user}${why}`, hint))
  }
  if (root.project !== undefined && !sameProject(root.project, wanted.project)) {
    const message = `the root ${root.path} belongs to the project ${root.project}, this is ${wanted.project}`
    problems.push(refusal('other-project', host, message, 'give every project a root of its own'))
  }
  return problems
}

function accountWarnings({ host, uid }: HostFacts): readonly Problem[] {
  if (uid !== 0) return []
  const message = 'the deploy account is root: read-only revisions do not hold for root'
  return [warning('root-account', host, message, 'deploy as a user of its own')]
}

function linkProblems(facts: HostFacts, stage: StageName, { intent }: PlanRequest): readonly Problem[] {
  const { link } = stageOf(facts, stage)
  if (intent === 'prepare' || link.kind === 'absent') return []
  const path = `${facts.root.path}/${stage}`
  if (link.kind !== 'link') {
    const what = link.kind === 'directory' ? 'a directory' : 'not a symlink'
    const hint = `move it away on ${facts.host}, it was not made here`
    return [refusal('link-not-a-link', facts.host, `${path} is ${what}: it is left untouched`, hint)]
  }
  if (link.dangling) {
    const message = `${path} points to ${link.text}, which is not there; it will be switched, and restored if it is put back`
    return [warning('link-dangling', facts.host, message)]
  }
  if (link.revision === undefined) {
    const message = `${path} points to ${link.text}, outside the revisions; it will be switched, and restored if it is put back`
    return [warning('link-outside', facts.host, message)]
  }
  return []
}

function revisionProblems(facts: HostFacts, { wanted, intent }: PlanRequest): readonly Problem[] {
  const known = facts.revisions.find(revision => revision.name === wanted.name)
  if (known === undefined) {
    if (facts.foreign.includes(wanted.name)) {
      const message = `${facts.root.path}/${wanted.name} is there and was not made here: it is left untouched`
      return [refusal('foreign', facts.host, message, 'move it away, or ship another version')]
    }
    return wanted.sdist === undefined ? [notThere(facts, wanted, 'is not there')] : []
  }
  if (known.sha256 !== wanted.sha256) {
    const message = `${wanted.name} is there with other bytes (sha256 ${known.sha256.slice(0, 12)}, this one is ${wanted.sha256.slice(0, 12)})`
    return [refusal('conflict', facts.host, message, 'a revision never changes: ship a new version')]
  }
  if (known.verdict === 'rejected') {
    const why = known.why === undefined ? '' : `: ${known.why}`
    const hint = `ship a new version, or forget this one: \`deploy discard ${wanted.name} STAGE\``
    return [refusal('rejected', facts.host, `${wanted.name} was rejected here${why}`, hint)]
  }
  if (known.stands) return []
  if (intent === 'rollback' || wanted.sdist === undefined) {
    return [notThere(facts, wanted, `does not stand: ${known.why ?? 'its record is incomplete'}`)]
  }
  const message = `${wanted.name} is sealed here and does not stand: ${known.why ?? 'its record is incomplete'}`
  return [
    refusal('not-standing', facts.host, message, 'a sealed revision is never rebuilt: ship a new version'),
  ]
}

const notThere = (facts: HostFacts, wanted: Wanted, what: string): Problem =>
  refusal(
    'not-standing',
    facts.host,
    `${wanted.name} ${what}`,
    'leave this host out with --except, or deploy the sdist of that version first',
  )

function diskProblems(facts: HostFacts, { wanted }: PlanRequest): readonly Problem[] {
  if (wanted.sdist === undefined || stands(facts, wanted)) return []
  const { bytes, unpackedBytes } = wanted.sdist
  const needed = bytes + COPIES_OF_THE_TREE * unpackedBytes + BUILD_RESERVE_BYTES
  if (facts.root.kind === 'other' || facts.root.freeBytes >= needed) return []
  const [free, want] = [facts.root.freeBytes, needed].map(size => Math.floor(size / MIB))
  const message = `${free} MiB free at ${facts.root.path}, about ${want} MiB needed`
  return [refusal('disk', facts.host, message, 'free some space: `deploy prune STAGE` removes old revisions')]
}

function programProblems(facts: HostFacts, recipes: readonly Recipe[]): readonly Problem[] {
  const missing = recipes.flatMap(recipe =>
    recipe.requires
      .filter(program => facts.programs.get(program) === undefined)
      .map(program =>
        refusal('program-missing', facts.host, `${program} is not there; the recipe ${recipe.name} needs it`),
      ),
  )
  const unanswered = facts.unanswered.map(({ recipe, fact, reason }) =>
    refusal('fact', facts.host, `the recipe ${recipe} could not find out "${fact}": ${reason}`),
  )
  return [...missing, ...unanswered]
}

function downgradeProblems(facts: HostFacts, stage: StageName, request: PlanRequest): readonly Problem[] {
  const { wanted, intent, allowDowngrade } = request
  if (intent === 'rollback' || intent === 'prepare' || allowDowngrade) return []
  const live = liveOf(stageOf(facts, stage))
  const version = facts.revisions.find(revision => revision.name === live)?.version
  if (version === undefined || compareVersions(wanted.version, version) >= 0) return []
  const message = `${wanted.version} is lower than ${version}, which is live on ${stage}`
  return [
    refusal('downgrade', facts.host, message, 'go back with `deploy rollback`, or say --allow-downgrade'),
  ]
}

/** Is there nothing to upload, build and verify on this host? */
export function stands(facts: HostFacts, wanted: Wanted): boolean {
  return facts.revisions.some(
    ({ name, sha256, verdict, stands: standing }) =>
      name === wanted.name && sha256 === wanted.sha256 && verdict === 'verified' && standing,
  )
}
