import type {
  HostFacts,
  Link,
  RevisionFacts,
  SharedFacts,
  StageFacts,
  SwitchRecord,
  UndoResult,
} from '../model/facts.ts'
import type { HostName } from '../model/names.ts'
import type { AnyRecipe } from '../model/recipe.ts'
import type { Answer } from '../remote/messages.ts'
import { printable, printableFields } from '../shell/printable.ts'
import { readAnswer, refusalOf } from './read-answer.ts'

type Report = Answer<'observe'>
type LinkReport = Report['stages'][string]['link']

/** What only people read stands in the middle of sentences: it is one line there, whatever somebody wrote into a journal. */
const said = (text: string | null): string | undefined => (text === null ? undefined : printable(text))

/** A link as the remote end reports it. Also used for every read-back. */
export function linkFromReport(report: LinkReport): Link {
  if (report.kind !== 'link') return { kind: report.kind }
  return {
    kind: 'link',
    text: report.text ?? '',
    revision: report.revision ?? undefined,
    dangling: report.dangling,
  }
}

/** The name under which a recipe's fact is asked: recipes and facts have no slash in their names. */
export const questionId = (recipe: string, fact: string): string => `${recipe}/${fact}`

/**
 * Turns what one host reported into facts: wire nulls become `undefined`, and every recipe's answers are read by
 * the recipe's own parsers. A parser that throws makes the fact unanswered, with the parser's message.
 */
export function factsFromReport(
  host: HostName,
  opened: Answer<'open'>,
  root: string,
  report: Report,
  recipes: readonly AnyRecipe[],
): HostFacts {
  const { answers, unanswered } = readAnswers(report.facts, recipes)
  return {
    host,
    user: printable(opened.user),
    uid: opened.uid,
    hostname: printable(opened.hostname),
    python: printable(opened.python),
    root: {
      path: root,
      kind: report.root.kind,
      writable: report.root.writable,
      why: said(report.root.why),
      owner: said(report.root.owner),
      id: report.root.id ?? undefined,
      project: said(report.root.project),
      boundBy: said(report.root.boundBy),
      freeBytes: report.root.freeBytes,
      freeInodes: report.root.freeInodes,
    },
    stages: new Map(Object.entries(report.stages).map(([name, stage]) => [name, stageFacts(stage)])),
    revisions: report.revisions.map(revisionFacts),
    checked: report.checked,
    unfinished: report.unfinished,
    shared: new Map(Object.entries(report.shared).map(([path, told]) => [path, sharedFacts(told)])),
    foreign: report.foreign,
    programs: new Map(Object.entries(report.programs).map(([name, path]) => [name, path ?? undefined])),
    answers,
    unanswered,
    sudo: [],
  }
}

function stageFacts(stage: Report['stages'][string]): StageFacts {
  return {
    link: linkFromReport(stage.link),
    stack: stage.stack,
    wasLive: stage.wasLive.map(({ revision, sha256, takenBack }) => ({
      ...{ revision, sha256: sha256 ?? undefined, takenBack },
    })),
    switches: stage.switches.map(switchRecord),
    undone: stage.undone.map(undoResult),
    lock: stage.lock === null ? undefined : printableFields(stage.lock),
    frozen: stage.frozen === null ? undefined : printableFields(stage.frozen),
  }
}

function switchRecord(record: Report['stages'][string]['switches'][number]): SwitchRecord {
  const { id, kind, stage, hosts, except, atMs, by, state } = record
  return {
    id,
    kind,
    stage,
    from: record.from ?? undefined,
    to: record.to ?? undefined,
    recovers: record.recovers ?? undefined,
    hosts,
    except,
    exception: record.exception === null ? undefined : printableFields(record.exception),
    atMs,
    by: printable(by),
    state,
    putBackFailed: said(record.putBackFailed),
    undo: record.undo.map(undoResult),
  }
}

const undoResult = ({ of, ok, reason }: Report['stages'][string]['undone'][number]): UndoResult => ({
  of,
  ok,
  reason: said(reason),
})

const sharedFacts = ({ kind, mode, owner, why }: Report['shared'][string]): SharedFacts => ({
  kind,
  mode: mode ?? undefined,
  owner: said(owner),
  why: said(why),
})

function revisionFacts(revision: Report['revisions'][number]): RevisionFacts {
  const { sha256, why, python } = revision
  return { ...revision, sha256: sha256 ?? '', why: said(why), python: said(python) }
}

function readAnswers(given: Report['facts'], recipes: readonly AnyRecipe[]) {
  const answers = new Map<string, Record<string, unknown>>()
  const unanswered: { recipe: string; fact: string; reason: string }[] = []
  for (const recipe of recipes) {
    const values: Record<string, unknown> = {}
    for (const [name, fact] of Object.entries(recipe.facts)) {
      const id = questionId(recipe.name, name)
      const read = readAnswer(
        fact,
        given.find(candidate => candidate.id === id),
      )
      if (read.kind === 'answered') values[name] = read.value
      else unanswered.push({ recipe: recipe.name, fact: name, reason: read.reason })
    }
    answers.set(recipe.name, values)
  }
  return { answers, unanswered }
}

/** Why a question was answered with no; undefined: it was answered with yes. */
export const refusalIn = (answers: Report['facts'], id: string): string | undefined => {
  const answer = answers.find(candidate => candidate.id === id)
  return answer === undefined ? 'the host did not answer it' : refusalOf(answer)
}
