/**
 * The one table of what may be said between the runner and a remote end: every request with the shape of its body and
 * of its answer, and with its limits. TypeScript's types are inferred from it; `src/remote/end/messages.py` is
 * generated from it (`node scripts/messages.mjs`), and a test fails while the two differ.
 *
 * Only the schema kinds that `scripts/messages.mjs` knows may be used: string (with a pattern or a greatest length),
 * boolean, integer, number, nullable, array (with a greatest length), record of string keys, object (all keys
 * required), picklist, unknown. Nanoseconds travel as decimal strings: they do not fit into a JavaScript number.
 *
 * What a host sends has a bound in every text (`message-texts.ts`) and in every request (`message-limits.ts`).
 */
import * as v from 'valibot'
import { FETCHED_SDIST_BYTES } from '../artifact/limits.ts'
import { PRODUCTS_BYTES } from '../artifact/product.ts'
import {
  behindData,
  FETCH_MS,
  FILES_MS,
  fetching,
  files,
  type MessageLimits,
  quick,
  running,
  stoppableFiles,
  telling,
} from './message-limits.ts'
import {
  free,
  hostName,
  list,
  namePart,
  nanoseconds,
  output,
  plainFileName,
  pythonVersion,
  revisionName,
  sha256,
  stageName,
  switchId,
  text,
} from './message-texts.ts'

const flag = v.boolean()
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const maybe = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)
const texts = v.array(text)
const revisions = v.array(revisionName)
const frees = v.array(free)
const freeMap = v.record(free, free)
/** The body or the answer of a request that has none. */
export const Nothing = v.object({})

/** Who runs what, from where: the text of a lock and part of every line in a journal. `sinceMs` is the runner's clock. */
export const Holder = v.object({
  run: text,
  by: text,
  from: text,
  pid: count,
  command: text,
  sinceMs: count,
})

/** A link as it is on disk. `revision` is set when the text names a directory entry of the root and nothing else. */
export const LinkReport = v.object({
  kind: v.picklist(['link', 'absent', 'directory', 'other']),
  text: maybe(text),
  revision: maybe(revisionName),
  dangling: flag,
})

/** How a step's program ended. `unstarted`: it never ran (no such program, not executable). */
export const Ended = v.object({
  kind: v.picklist(['exited', 'signalled', 'timed-out', 'cancelled', 'unstarted']),
  code: maybe(v.pipe(v.number(), v.integer())),
  signal: maybe(text),
  reason: maybe(text),
  durationMs: count,
})

/**
 * A program to run. `argv[0]` equal to `@python` means the interpreter of the remote end itself, equal to `@write-file` the
 * program that makes a file of its input: `['@write-file', path, mode in octal, size in bytes]`.
 */
export const RunSpec = v.object({
  step: free,
  argv: frees,
  env: freeMap,
  /** Names in `env` whose values are secret: replaced in everything the program prints, before it is logged or sent. */
  secret: frees,
  /** Absolute. */
  cwd: free,
  timeoutMs: count,
  /** As root, through `sudo -n --`; `env` arrives all the same. */
  sudo: flag,
  /** What it reads from its standard input; null: nothing. */
  input: maybe(free),
  /** A revision whose `.build.log` also receives the output; its lock is inherited by the program. */
  build: maybe(free),
})

/** Asks a URL (http, https) on the host, or a Unix socket, until the answer is as expected. */
export const ProbeSpec = v.object({
  step: free,
  url: free,
  socket: maybe(free),
  headers: freeMap,
  status: v.array(count),
  /** A text the body must contain. */
  contains: maybe(free),
  /** Regular expressions that must be found in the body. */
  matches: frees,
  /** By a dotted path into a body of JSON, the texts one of which stands there. */
  json: v.record(free, frees),
  /** By name, a text that the header of the answer must contain. */
  answerHeaders: freeMap,
  intervalMs: count,
  /** For one attempt. */
  attemptMs: count,
  /** For all attempts together. */
  timeoutMs: count,
})

/**
 * A program that is started, asked until it answers as expected, and ended. `{port}` or `{socket}` in its arguments, in its
 * variables and in the URL become what the host has found free.
 */
export const BootSpec = v.object({ run: RunSpec, probe: ProbeSpec, listen: v.picklist(['port', 'socket']) })

export const ProbeAnswer = v.object({ ended: Ended, attempts: count, detail: text })

export const UndoSpec = v.object({
  /** The step that this undoes, by its id: undone only if that step was started. */
  of: free,
  run: maybe(RunSpec),
  probe: maybe(ProbeSpec),
})

export const UndoResult = v.object({ of: text, ok: flag, reason: maybe(text) })

/** Who froze a stage, from where, why. `sinceMs` is the runner's clock. */
export const Freeze = v.object({
  run: text,
  by: text,
  from: text,
  command: text,
  reason: text,
  sinceMs: count,
})

/** A channel that a stage does not accept, let in for one run. */
export const PolicyException = v.object({ channel: text, reason: text })

/** One switch as the journal of one host tells it. `atMs` is the runner's clock, `firedNs` the host's own. */
export const SwitchRecord = v.object({
  id: switchId,
  kind: v.picklist(['deploy', 'promote', 'rollback', 'recover']),
  stage: stageName,
  from: maybe(text),
  /** Null only where a recovery took the link away again. */
  to: maybe(text),
  /** The switch that this one mends; only of kind `recover`. */
  recovers: maybe(switchId),
  hosts: v.array(hostName),
  except: v.array(hostName),
  exception: maybe(PolicyException),
  atMs: count,
  by: text,
  firedNs: maybe(nanoseconds),
  state: v.picklist(['open', 'kept', 'put-back']),
  /** Why it could not be put back, of one that is open since; null where nobody tried. */
  putBackFailed: maybe(text),
  undo: v.array(UndoResult),
})

export const StageReport = v.object({
  link: LinkReport,
  /** Revisions by the replay of kept switches (deploy and promote push, rollback pops), live first; at most 50. */
  stack: list(revisionName, 50),
  /** Every revision that was live after a kept switch, latest first, each once; at most 500. */
  wasLive: list(v.object({ revision: revisionName, sha256: maybe(sha256), takenBack: flag }), 500),
  /** The latest switches, newest first; at most 50, and all open ones. */
  switches: v.array(SwitchRecord),
  /** What came of undo steps that were run, since the latest intent, for a switch that was never armed. */
  undone: v.array(UndoResult),
  /** Who holds the stage's lock now. Believed only while the lock is held. */
  lock: maybe(Holder),
  /** Nothing may change the stage until somebody unfreezes it. */
  frozen: maybe(Freeze),
})

export const RevisionReport = v.object({
  name: revisionName,
  project: namePart,
  version: namePart,
  /** Null: its record does not say. */
  sha256: maybe(sha256),
  verdict: v.picklist(['verified', 'rejected']),
  /** There, its record complete and (where that was asked) its interpreter still runs and is that X.Y. */
  stands: flag,
  why: maybe(text),
  python: maybe(pythonVersion),
  /** The paths at which it was sealed with links into `{root}/shared`. */
  shared: texts,
  atMs: count,
})

/** What stands at a path of `{root}/shared`, as whoever opens it finds it; its content is never read. */
export const SharedReport = v.object({
  kind: v.picklist(['absent', 'directory', 'file', 'other']),
  /** The permission bits. */
  mode: maybe(count),
  owner: maybe(text),
  /** What is wrong with it; of what is absent, why no directory could be made there. */
  why: maybe(text),
})

export const FactQuestion = v.object({ id: free, argv: frees, timeoutMs: count })
export const FactAnswer = v.object({ id: text, ended: Ended, out: output, err: output })

export const HostReport = v.object({
  root: v.object({
    kind: v.picklist(['absent', 'directory', 'other']),
    /** Can this user create entries in it (or create it)? Tested by access(2) and the mount's flags, never by writing. */
    writable: flag,
    why: maybe(text),
    owner: maybe(text),
    id: maybe(text),
    project: maybe(text),
    /** Why it can be no other project's; null where it is nobody's, or nothing in it would be missed. */
    boundBy: maybe(text),
    freeBytes: count,
    freeInodes: count,
  }),
  stages: v.record(stageName, StageReport),
  revisions: v.array(RevisionReport),
  /** Revisions whose interpreter was started for this answer, where they are here at all. */
  checked: revisions,
  /** Directories that the journal names as begun and that were never sealed. */
  unfinished: revisions,
  /** What was asked for of `{root}/shared`, by path. */
  shared: v.record(text, SharedReport),
  /** Entries of the root by these names that were not made here: never to be touched. */
  foreign: revisions,
  /** Programs asked for, and where PATH finds them. */
  programs: v.record(text, maybe(text)),
  facts: v.array(FactAnswer),
  timeNs: nanoseconds,
})

/** What stands at one path, a link not followed. Owner and group by name, by number where they have none. */
export const PathReport = v.object({
  /** Below the root; empty: the root itself. */
  path: text,
  kind: v.picklist(['absent', 'directory', 'file', 'link', 'other']),
  owner: maybe(text),
  group: maybe(text),
  /** Permission bits, those above 0777 included. */
  mode: maybe(count),
})

/**
 * How one entry differs from what was sealed. `replaced`: it is of another kind; `touched`: something in it changed after the seal,
 * of a revision that has no list of what was sealed; `unread`: it cannot be read any more.
 */
export const TreeChange = v.object({
  path: text,
  how: v.picklist([
    'changed',
    'added',
    'removed',
    'replaced',
    'relinked',
    'executable',
    'not-executable',
    'unread',
    'touched',
  ]),
  /** Of a link that names something else: what it named. */
  was: maybe(text),
})

/** A sealed tree as it is now. Of each list the first are told, and how many there are. */
export const TreeReport = v.object({
  /** Null: not all of it could be read. */
  digest: maybe(sha256),
  /** Is there a list of what was sealed, so that a change can be told from a removal? */
  listed: flag,
  changes: list(TreeChange, 50),
  changesTotal: count,
  /** With write bits. */
  writable: list(v.object({ path: text, mode: count }), 50),
  writableTotal: count,
  /** Of another owner than the revision itself. */
  strange: list(v.object({ path: text, owner: text }), 50),
  strangeTotal: count,
})

/** Who built what one shared step of a build made. `atMs`: when that run began, by the runner's clock. */
export const BuilderRecord = v.object({ share: text, host: text, stage: text, run: text, atMs: count })

/** A sealed revision, compared with its own manifest on the host. */
export const SealedReport = v.object({
  sha256,
  treeDigest: sha256,
  /** The full version of Python that its environment was built with; null: it has none. */
  python: maybe(pythonVersion),
  executable: maybe(text),
  /** Why its interpreter is not what it was built with; null: it is, or there is none. */
  interpreter: maybe(text),
  builders: v.array(BuilderRecord),
  /** Of the stored sdist; null: it is not there. */
  sdist: maybe(sha256),
  /** What its links into `shared` name there and what is not there. */
  dangling: list(v.object({ path: text, target: text }), 50),
  tree: TreeReport,
})

/** Something that a dead run left. `ageS`: since it was last touched in any way, by the host's clock. */
export const Leftover = v.object({
  path: text,
  kind: v.picklist(['incoming', 'sdist', 'tree', 'unfinished']),
  ageS: count,
})

export const Inspection = v.object({
  /** The primary group and all groups of the account. */
  group: text,
  groups: texts,
  paths: v.array(PathReport),
  /** Null where none was asked about. */
  sealed: maybe(SealedReport),
  /** Why the revision that was asked about could not be compared. */
  why: maybe(text),
  leftovers: list(Leftover, 50),
  leftoversTotal: count,
  /** Somebody holds a lock in this root: what is under way looks like something left. */
  busy: flag,
  facts: v.array(FactAnswer),
})

/** What the build says of the environment it made, written by a build step as JSON to the path in DEPLOY_RECORD. */
export const EnvironmentRecord = v.object({
  path: free,
  executable: free,
  /** Full version, as `3.11.2`. */
  python: free,
  platform: free,
  wheels: v.array(v.object({ file: free, sha256: free })),
})

/** A file that a shared step of a build left. `file`: its plain name. */
export const Product = v.object({ file: plainFileName, bytes: count, sha256 })

export const StepRecord = v.object({
  step: free,
  title: free,
  result: free,
  durationMs: count,
})

/** What dead runs have left: how much of it was removed, how much is left to later requests, and why some cannot go. */
export const SweptReport = v.object({
  removed: count,
  left: count,
  kept: list(v.object({ name: text, why: text }), 10),
})

export const PrunedReport = v.object({
  removed: revisions,
  kept: v.array(v.object({ name: revisionName, why: text })),
  swept: SweptReport,
})

const request = <Body extends v.GenericSchema, Answer extends v.GenericSchema>(
  body: Body,
  answer: Answer,
  limits: MessageLimits<v.InferOutput<Body>>,
) => ({
  body,
  answer,
  limits,
})

export const requests = {
  /**
   * First, once. Nothing is read or written; sets the root, the heartbeat and who is speaking. `forwardAgent`: programs
   * of steps find the agent that was forwarded to the login.
   */
  open: request(
    v.object({
      ...{ protocol: count, root: free, project: free, host: free, heartbeatMs: count },
      forwardAgent: flag,
      holder: Holder,
    }),
    v.object({
      user: text,
      uid: count,
      hostname: text,
      python: pythonVersion,
      executable: text,
      pid: count,
      bootId: maybe(text),
      home: text,
    }),
    telling,
  ),
  /** Reads; writes not one byte. `check`: revisions whose interpreter is to be started. */
  observe: request(
    v.object({
      stages: frees,
      check: frees,
      /** Paths in `{root}/shared`. */
      shared: frees,
      programs: frees,
      facts: v.array(FactQuestion),
    }),
    HostReport,
    telling,
  ),
  /** The host's clock, now: answered at once, so that the round trip bounds what the answer is worth. */
  clock: request(Nothing, v.object({ timeNs: nanoseconds }), quick),
  /**
   * Reads every byte of a revision, and what stands at these paths below the root; writes not one byte and needs no lock.
   * `revision`: the one to compare with its manifest.
   */
  inspect: request(
    v.object({ revision: maybe(free), paths: frees, facts: v.array(FactQuestion) }),
    Inspection,
    telling,
  ),
  /** Creates the root and its records where they are missing; refuses the root of another project. */
  settle: request(Nothing, v.object({ id: text, project: text }), quick),
  /** Makes the directories that are missing in `{root}/shared`, by their paths in it. */
  'make-shared': request(v.object({ directories: frees }), Nothing, files),
  /** flock(2), never waited for. `holder` tells who has it when it is refused. */
  lock: request(
    v.object({ name: free, mode: v.picklist(['exclusive', 'shared']) }),
    v.object({ granted: flag, holder: maybe(Holder) }),
    quick,
  ),
  unlock: request(v.object({ name: free }), Nothing, quick),
  /** The sdist of a revision follows as data frames; answered when the last byte was hashed and renamed into place. */
  receive: request(
    v.object({ revision: free, sha256: free, bytes: count }),
    v.object({ sha256, bytes: count }),
    stoppableFiles,
  ),
  /**
   * Journals the build, makes the directory, unpacks the received sdist into it. Needs the revision's exclusive lock. What has
   * no verdict when the runner is lost is removed, unless `keepFailed`.
   */
  unpack: request(
    v.object({ revision: free, sha256: free, keepFailed: flag }),
    v.object({ sourceDigest: sha256, files: count, bytes: count }),
    stoppableFiles,
  ),
  /** Makes the empty directory of one shared step of a build: DEPLOY_PRODUCTS/{share}. */
  'begin-products': request(v.object({ revision: free, share: free }), Nothing, files),
  /** What the step left there. Refused: nothing, too much, and what is no plain file with a plain name. */
  'list-products': request(
    v.object({ revision: free, share: free }),
    v.object({ products: list(Product, 2_000) }),
    { ...stoppableFiles, answerBytes: 1024 ** 2, answerValues: 10_000 },
  ),
  /** What was listed last comes back as data frames before the answer, one file after the other, in that order. */
  'fetch-products': request(
    v.object({ revision: free, share: free }),
    Nothing,
    fetching(PRODUCTS_BYTES, FILES_MS),
  ),
  /** These files follow as data frames, one after the other; answered when all of them are there as they were announced. */
  'receive-products': request(
    v.object({ revision: free, share: free, products: v.array(Product) }),
    Nothing,
    stoppableFiles,
  ),
  /** Output follows as output frames before the answer. `undoOf`: this run undoes that step of the armed switch. */
  run: request(
    v.object({ spec: RunSpec, undoOf: maybe(free) }),
    Ended,
    running(({ spec }) => spec.timeoutMs),
  ),
  probe: request(
    v.object({ spec: ProbeSpec, undoOf: maybe(free) }),
    ProbeAnswer,
    running(({ spec }) => spec.timeoutMs),
  ),
  /** Output of the program follows as output frames. Answered when no process of its group is left. */
  boot: request(
    v.object({ spec: BootSpec }),
    ProbeAnswer,
    running(({ spec }) => spec.run.timeoutMs + spec.probe.timeoutMs),
  ),
  /** Stops what is under way for another request, by its id; that one is then answered or refused. */
  cancel: request(v.object({ request: count }), Nothing, behindData),
  /** Links what is shared into the revision, writes the verdict *verified* and makes the tree read-only. */
  seal: request(
    v.object({
      revision: free,
      project: free,
      version: free,
      sha256: free,
      sourceDigest: free,
      /** Paths at which the revision gets a link to the same path in `{root}/shared`. */
      shared: frees,
      verification: v.array(StepRecord),
      builders: v.array(BuilderRecord),
      tool: free,
    }),
    v.object({ treeDigest: sha256 }),
    files,
  ),
  /** Writes the verdict *rejected*; removes the tree unless it is to be kept. */
  reject: request(
    v.object({
      revision: free,
      sha256: free,
      reason: free,
      verification: v.array(StepRecord),
      keepTree: flag,
    }),
    Nothing,
    files,
  ),
  /** Removes a revision that was begun and has no verdict, and its sdist. */
  abandon: request(v.object({ revision: free }), v.object({ removed: flag }), files),
  /** How many bytes the stored sdist of a standing revision has: what `fetch` may send. */
  'measure-sdist': request(v.object({ revision: free }), v.object({ bytes: count }), files),
  /**
   * The stored sdist of a standing revision comes back as data frames before the answer: exactly `bytes` of them, or
   * it is refused. Whoever asks hashes them; what the host says of them is nothing to go by.
   */
  fetch: request(
    v.object({ revision: free, bytes: count }),
    Nothing,
    fetching(FETCHED_SDIST_BYTES, FETCH_MS),
  ),
  /**
   * How the steps are undone that are run before `arm`: from now on a host that loses its runner does so by itself. `arm` says
   * all of it again. Needs the stage's exclusive lock.
   */
  'load-undo': request(v.object({ id: free, stage: free, undo: v.array(UndoSpec) }), Nothing, quick),
  /** Checks verdict and locks, journals the intent, makes both links, loads the undo steps. */
  arm: request(
    v.object({
      id: free,
      kind: v.picklist(['deploy', 'promote', 'rollback', 'recover']),
      stage: free,
      /** The exact text that the link has now; null where there is none. */
      from: maybe(free),
      /**
       * The exact text that it gets: a revision that stands. Only a recovery may give it what the switch that it mends
       * came from, whatever that is, or take the link away (null).
       */
      to: maybe(free),
      /** Of kind `recover`: the switch that is mended, which the journal of this host has to know. Otherwise null. */
      recovers: maybe(free),
      hosts: frees,
      except: frees,
      /** For the record: this is not what decides. */
      exception: maybe(PolicyException),
      atMs: count,
      undo: v.array(UndoSpec),
    }),
    Nothing,
    quick,
  ),
  /**
   * Waits until the host's own monotonic clock says `atUs` (null: not at all), `delayUs` at most, then one rename(2); the link is
   * read back.
   */
  fire: request(
    v.object({ id: free, atUs: maybe(count), delayUs: count }),
    v.object({ link: LinkReport, firedNs: nanoseconds }),
    quick,
  ),
  /**
   * Renames the link back where it was fired, disarms where it was not. Idempotent. Runs no undo step by itself. Of a switch that
   * another connection left open it is only half of the end: that stays open until `put-back-done`.
   */
  'put-back': request(
    v.object({ id: free }),
    v.object({ link: LinkReport, movedByOthers: flag, started: texts }),
    quick,
  ),
  /** Journals the end of a put back: what was undone and how. The switch is closed. */
  'put-back-done': request(v.object({ id: free, undo: v.array(UndoResult) }), Nothing, quick),
  /**
   * Journals that the switch is kept; forgets the undo; removes the other link. `unrecorded`: why its journal could not take
   * that so far; null where it has.
   */
  keep: request(v.object({ id: free }), v.object({ link: LinkReport, unrecorded: maybe(text) }), quick),
  /**
   * Journals how a switch ended here that split its hosts, where its link says so already: it reads what the switch went
   * to (`kept`) or came from (`put-back`). Needs the stage's lock.
   */
  'close-switch': request(
    v.object({ id: free, stage: free, as: v.picklist(['kept', 'put-back']) }),
    v.object({ link: LinkReport }),
    quick,
  ),
  /** From now on nothing may change the stage here. Needs its lock; refused where it is frozen already. */
  freeze: request(v.object({ stage: free, reason: free, atMs: count }), Nothing, files),
  /** Takes that back. `was`: it was frozen. */
  unfreeze: request(v.object({ stage: free, reason: maybe(free) }), v.object({ was: flag }), files),
  /** The links of these stages, as they are on disk now. Lines that the journal could not take are tried once more before. */
  'read-back': request(
    v.object({ stages: frees }),
    v.object({ links: v.record(stageName, LinkReport), unrecorded: maybe(text) }),
    { ...quick, answerBytes: 4 * 1024 ** 2 },
  ),
  /** Removes those of the named revisions that nothing names, holds or runs; sweeps leftovers of dead runs. */
  prune: request(v.object({ stage: free, revisions: frees, atMost: count }), PrunedReport, {
    ...files,
    answerBytes: 4 * 1024 ** 2,
    answerValues: 50_000,
  }),
  /** Forgets a rejected revision, on the record. */
  discard: request(v.object({ revision: free }), Nothing, files),
  /** The last entries of the journal, oldest first, as they were written. */
  journal: request(
    v.object({ limit: count }),
    v.object({ entries: v.array(v.record(text, v.unknown())) }),
    telling,
  ),
  /** Appends a public key to the account's authorized_keys, unless it is there: `was`. `blob` is Base64. */
  'add-key': request(
    v.object({ type: free, blob: free, comment: free }),
    v.object({ was: flag, file: text }),
    files,
  ),
  /** Takes away every line with the key; refused where no other key would be left. `removed`: so many lines. */
  'remove-key': request(
    v.object({ type: free, blob: free }),
    v.object({ removed: count, file: text }),
    files,
  ),
  /** `atUs`: what the monotonic clock of the host says. */
  beat: request(Nothing, v.object({ atUs: count }), behindData),
  /** Ends the remote end in order; an open switch is put back first, as at end of input. */
  close: request(Nothing, Nothing, quick),
} as const

export type Requests = typeof requests
export type RequestName = keyof Requests
export type Body<N extends RequestName> = v.InferOutput<Requests[N]['body']>
export type Answer<N extends RequestName> = v.InferOutput<Requests[N]['answer']>

type LimitsOfRequests = { readonly [N in RequestName]: { readonly limits: MessageLimits<Body<N>> } }

/** What a request may cost whoever asks it. */
export function limitsOf<N extends RequestName>(name: N): MessageLimits<Body<N>> {
  const table: LimitsOfRequests = requests
  return table[name].limits
}

/** Why the remote end refused or failed a request; codes are tested, messages are for people. */
export const refusalCodes = [
  'invalid',
  'not-open',
  'locked',
  'frozen',
  'not-ours',
  'other-project',
  'not-standing',
  'rejected',
  'conflict',
  'archive',
  'digest',
  'no-space',
  'permission',
  'read-only',
  'io',
  'moved',
  'lock-lost',
  'not-armed',
  'cancelled',
  'closing',
  'internal',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

export const Envelope = v.union([
  v.object({ id: count, ok: v.unknown() }),
  v.object({
    id: count,
    error: v.object({ code: v.picklist(refusalCodes), message: text, detail: v.record(text, v.unknown()) }),
  }),
])
