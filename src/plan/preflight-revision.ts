import type { HostFacts, RevisionFacts } from '../model/facts.ts'
import { momentText } from '../model/moment.ts'
import type { StageName } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { normaliseVersion } from '../version/pep440.ts'
import { compareProjectVersions } from '../version/project-version.ts'
import { refusal } from './problems.ts'
import type { PlanRequest, Wanted } from './request.ts'
import { knownAs } from './spelling.ts'
import { liveOf, stageOf } from './stage-history.ts'

/** Can this host be switched to the wanted revision: does it stand here, or can it be made here? */
export function revisionProblems(
  facts: HostFacts,
  stage: StageName,
  { wanted }: PlanRequest,
): readonly Problem[] {
  const known = knownAs(facts, wanted.name)
  if (known === undefined) return absentProblems(facts, wanted)
  const problem =
    known.verdict === 'rejected'
      ? rejected(facts, stage, known, wanted)
      : verifiedProblem(facts, stage, known, wanted)
  return problem === undefined ? [] : [problem]
}

function absentProblems(facts: HostFacts, wanted: Wanted): readonly Problem[] {
  const { host, root } = facts
  const path = `${root.path}/${wanted.name}`
  if (facts.foreign.includes(wanted.name)) {
    const hint = 'move it away, or ship another version'
    return [refusal('foreign', host, `${path} is there and was not made here: it is left untouched`, hint)]
  }
  const usedBy = [...facts.stages].find(([, history]) => liveOf(history) === wanted.name)
  if (usedBy !== undefined && facts.unfinished.includes(wanted.name)) {
    const message = `${path} was never finished, and ${usedBy[0]} is a link to it: it is left untouched`
    return [
      refusal('live-unfinished', host, message, 'link it to a verified revision, or ship another version'),
    ]
  }
  return wanted.sdist === undefined ? [notStanding(host, `${wanted.name} is not there`)] : []
}

/** Said before other bytes are: what was rejected can be forgotten, and then any bytes may come. */
function rejected(
  { host }: HostFacts,
  stage: StageName,
  known: RevisionFacts,
  { name, sha256: wanted }: Wanted,
): Problem {
  const { why, sha256 } = known
  const other = sha256 === wanted || sha256 === '' ? '' : ', made from other bytes'
  const message = `${name} was rejected here${speltAs(known, name)}${other}${why === undefined ? '' : `: ${why}`}`
  const hint = `ship a new version, or forget this one: \`deploy discard ${known.name} ${stage}\``
  return refusal('rejected', host, message, hint)
}

function verifiedProblem(
  { host }: HostFacts,
  stage: StageName,
  known: RevisionFacts,
  wanted: Wanted,
): Problem | undefined {
  const why = known.why ?? 'its record is incomplete'
  // A record that cannot be read has no digest either: that is said, and not that the bytes are others.
  if (known.sha256 !== wanted.sha256 && known.sha256 !== '') {
    const [here, given] = [known.sha256, wanted.sha256].map(digest => digest.slice(0, 12))
    const as = speltAs(known, wanted.name)
    const message = `${wanted.name} is there${as} with other bytes (sha256 ${here}, this one is ${given})`
    return refusal('conflict', host, message, otherBytesHint(stage, known))
  }
  if (known.name !== wanted.name) {
    const message = `${wanted.name} is there${speltAs(known, wanted.name)}: it would be made a second time`
    return refusal('conflict', host, message, 'a revision never gets another name: ship a new version')
  }
  if (known.stands) return undefined
  const message = `${wanted.name} does not stand: ${why}`
  if (wanted.sdist === undefined) return notStanding(host, message)
  return refusal('not-standing', host, message, 'a sealed revision is never rebuilt: ship a new version')
}

/** Names are compared by PEP 503 and versions by PEP 440: two spellings are one revision. */
const speltAs = ({ name }: RevisionFacts, wanted: string): string => (name === wanted ? '' : ` as ${name}`)

/** Whoever builds the same version once more mostly wants what stands here already, as after a switch that was put back. */
function otherBytesHint(stage: StageName, { name, stands, sha256, atMs }: RevisionFacts): string {
  const ship = 'a revision never changes: ship a new version'
  if (!stands) return ship
  const sealed = `sealed at ${momentText(atMs)}, made from ${sha256.slice(0, 12)}`
  return [
    ship,
    `${name} stands here already, ${sealed}: where it does on all hosts, \`deploy rollback ${stage} --to ${name}\` switches to it`,
    `to recipes that is a rollback; with the sdist that it was made from, \`deploy ${stage} SDIST\` is a deploy`,
  ].join('\n')
}

/** Where nothing can be built: a rollback, or a promotion of what nobody has the sdist of. */
const notStanding = (host: string, message: string): Problem =>
  refusal(
    'not-standing',
    host,
    message,
    'choose a revision that stands here, or leave this host out with --except',
  )

/** A lower version than the live one has to be asked for; to go back is what a rollback is for. */
export function downgradeProblems(
  facts: HostFacts,
  { stage, versions }: Pick<Target, 'stage' | 'versions'>,
  { wanted, intent, allowDowngrade }: PlanRequest,
): readonly Problem[] {
  if (intent === 'rollback' || intent === 'prepare' || allowDowngrade) return []
  const live = liveOf(stageOf(facts, stage))
  const version = facts.revisions.find(revision => revision.name === live)?.version
  // The version of a damaged record is a guess from the directory's name, which may be anything.
  if (version === undefined || normaliseVersion(version) === undefined) return []
  if (compareProjectVersions(versions, wanted.version, version) >= 0) return []
  const message = `${wanted.version} is lower than ${version}, which is live on ${stage}`
  const hint = `go back with \`deploy rollback ${stage}\`, or say --allow-downgrade`
  return [refusal('downgrade', facts.host, message, hint)]
}
