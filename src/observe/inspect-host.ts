import type { ClockFacts, Inspection, PathFacts, SealedFacts, TreeChange } from '../model/check.ts'
import type { RevisionName } from '../model/names.ts'
import type { Expectation } from '../model/recipe.ts'
import type { Answer } from '../remote/messages.ts'
import type { RemoteEnd } from '../remote/remote-end.ts'
import type { Patience } from './observe-host.ts'
import { readAnswer } from './read-answer.ts'

/** What is to be looked at more closely. */
export interface CloserLook {
  /** The revision to compare with its manifest, every byte of it. */
  readonly revision: RevisionName | undefined
  /** Below the root; empty: the root itself. */
  readonly paths: readonly string[]
  /** What recipes ask. */
  readonly expectations: readonly Expectation[]
}

type Report = Answer<'inspect'>

/**
 * Looks at one host more closely than an observation does. Writes nothing on the host and needs no lock there. Rejects with
 * StageError or RemoteRefusal; where that is because the answer was waited for no longer, the connection is given up.
 *
 * @param now the runner's clock, in milliseconds
 */
export async function inspectHost(
  end: RemoteEnd,
  look: CloserLook,
  { now, ...patience }: Patience & { readonly now: () => number; readonly signal: AbortSignal },
): Promise<Inspection> {
  const clock = await readClock(end, now, patience)
  const facts = look.expectations.map(({ actual: { argv, timeoutMs } }, index) => ({
    id: String(index),
    argv: [...argv],
    timeoutMs,
  }))
  const body = { revision: look.revision ?? null, paths: [...look.paths], facts }
  // One for each host, however many there are: Node warns of a signal with many listeners.
  const signal = AbortSignal.any([patience.signal])
  const report = await end.request('inspect', body, {
    ...patience,
    signal,
    what: 'how it is in detail',
    option: '`fileTimeout`',
  })
  return {
    group: report.group,
    groups: report.groups,
    paths: report.paths.map(pathFacts),
    sealed: report.sealed === null ? undefined : sealedFacts(report.sealed),
    why: report.why ?? undefined,
    leftovers: report.leftovers,
    leftoversTotal: report.leftoversTotal,
    busy: report.busy,
    clock,
    answers: look.expectations.map((expectation, index) => answerOf(expectation, report.facts[index])),
  }
}

/** The host read its clock somewhere within the round trip: in the middle, or half of it earlier or later. */
async function readClock(end: RemoteEnd, now: () => number, patience: Patience): Promise<ClockFacts> {
  const askedMs = now()
  const { timeNs } = await end.request('clock', {}, { ...patience, what: 'its clock' })
  const answeredMs = now()
  const hostMs = Number(timeNs) / 1e6
  return {
    offsetMs: Math.round(hostMs - (askedMs + answeredMs) / 2),
    errorMs: Math.ceil(Math.max(0, answeredMs - askedMs) / 2),
  }
}

const pathFacts = ({ path, kind, owner, group, mode }: Report['paths'][number]): PathFacts => ({
  path,
  kind,
  owner: owner ?? undefined,
  group: group ?? undefined,
  mode: mode ?? undefined,
})

function sealedFacts(report: NonNullable<Report['sealed']>): SealedFacts {
  const { tree } = report
  return {
    sha256: report.sha256,
    treeDigest: report.treeDigest,
    python: report.python ?? undefined,
    executable: report.executable ?? undefined,
    builders: report.builders,
    interpreter: report.interpreter ?? undefined,
    sdist: report.sdist ?? undefined,
    dangling: report.dangling,
    tree: {
      ...tree,
      digest: tree.digest ?? undefined,
      changes: tree.changes.map(({ path, how, was }): TreeChange => ({ path, how, was: was ?? undefined })),
    },
  }
}

function answerOf({ actual }: Expectation, answer: Report['facts'][number] | undefined) {
  const read = readAnswer(actual, answer)
  return read.kind === 'answered' ? { kind: read.kind, actual: read.value } : read
}
