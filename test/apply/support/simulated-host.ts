import { type Freeze, type HostFacts, notUndoneYet, type SwitchRecord } from '../../../src/model/facts.ts'
import type { Answer, Body, RequestName } from '../../../src/remote/messages.ts'
import type { RemoteEnd } from '../../../src/remote/remote-end.ts'
import { digestOf } from '../../support/builders.ts'
import {
  type Asking,
  type Handlers,
  Refuse,
  type ScriptedEnd,
  scriptedEnd,
} from '../../support/scripted-end.ts'

type Ended = Answer<'run'>
type Handler<N extends RequestName> = (body: Body<N>, asking: Asking) => Answer<N> | Promise<Answer<N>>
type Usual<N extends RequestName> = () => Promise<Answer<N>>

/** What goes wrong on a host: a request that is answered otherwise. `usual` does what a good host does. */
export type Faults = {
  [N in RequestName]?: (
    body: Body<N>,
    usual: Usual<N>,
    connection: Connection,
    asking: Asking,
  ) => Answer<N> | Promise<Answer<N>>
}

/** One connection to a simulated host, with what its remote end holds. */
export interface Connection {
  readonly scripted: ScriptedEnd
  readonly locks: Set<string>
  readonly started: string[]
  armed: Body<'arm'> | undefined
  /** How to undo what is started: from `load-undo`, then from `arm`. */
  undo: Body<'arm'>['undo']
  undone: { of: string; ok: boolean; reason: string | null }[]
}

export const exited = (code: number): Ended => ended({ kind: 'exited', code })
export const timedOut = (): Ended => ended({ kind: 'timed-out' })
export const killedBy = (signal: string): Ended => ended({ kind: 'signalled', signal })
const ended = (how: Partial<Ended>): Ended => ({
  kind: 'exited',
  code: null,
  signal: null,
  reason: null,
  durationMs: 1,
  ...how,
})

/** A step that goes on until it is cancelled. */
export const untilCancelled = (cancelled: AbortSignal): Promise<Ended> =>
  new Promise(resolve => {
    cancelled.addEventListener('abort', () => resolve(ended({ kind: 'cancelled' })))
  })

/** A request that is never answered. */
export const never = <T>(): Promise<T> => new Promise(() => undefined)

/** The connection breaks; what the host does then it does by itself. */
export function cut(connection: Connection): Promise<never> {
  connection.scripted.over({ kind: 'lost', reason: 'the cable was cut' })
  return never()
}

/**
 * A host as far as `apply` can tell: a link, locks, a journal, and a dead man's switch, behind real frames. It follows
 * the rules of docs/remote-end.md unless `faults` says otherwise.
 */
export class SimulatedHost {
  readonly name: string
  link: string | undefined = 'shop-1.3.0'
  /** Everything that changed this host, in order. */
  readonly done: string[] = []
  readonly records = new Map<string, SwitchRecord>()
  readonly connections: Connection[] = []
  faults: Faults = {}
  /** Revisions that an earlier run left half made. */
  unfinished: readonly string[] = []
  /** How a step ends, by its id; any other ends well. */
  readonly steps = new Map<string, (cancelled: AbortSignal) => Ended | Promise<Ended>>()
  /** What a shared step leaves on this host, as soon as room was made for it: file name to content. */
  makes: Readonly<Record<string, string>> = { 'shop.whl': 'the wheel' }
  /** What was received from another host. */
  received: Record<string, string> = {}
  /** Who else holds a lock, by its name. */
  readonly others = new Map<string, string | null>()
  /** `false`: no new connection comes about. */
  reachable = true
  /** What becomes of the remote end when its runner is gone. `dies`: it does nothing more, as after a reboot. */
  whenAlone: 'puts back' | 'dies' | 'dies before its undo' | 'hangs' = 'puts back'
  frozen: Freeze | undefined
  readonly #held = new Map<string, Connection>()
  readonly #runId: string

  constructor(name: string, runId: string) {
    this.name = name
    this.#runId = runId
  }

  async connect(heartbeatMs: number): Promise<RemoteEnd> {
    if (!this.reachable) throw new Error(`${this.name} does not answer`)
    let connection: Connection | undefined
    const at = () => {
      if (connection === undefined) throw new Error('asked before it was connected')
      return connection
    }
    const scripted = await scriptedEnd(this.name, this.#handlers(at), { heartbeatMs })
    connection = { scripted, locks: new Set(), started: [], armed: undefined, undo: [], undone: [] }
    this.connections.push(connection)
    const alone = connection
    void scripted.end.lost.then(() => this.#alone(alone))
    return scripted.end
  }

  /** The bodies of all requests of this name over all connections. */
  bodiesOf<N extends RequestName>(name: N): readonly Body<N>[] {
    return this.connections.flatMap(({ scripted }) => scripted.bodiesOf(name))
  }

  /** Names of everything that was asked, but questions. */
  get asked(): readonly string[] {
    return this.connections.flatMap(({ scripted }) => scripted.asked.map(asked => asked.do))
  }

  get locksHeld(): readonly string[] {
    return [...this.#held.keys()]
  }

  facts(stage: string): HostFacts {
    const { link } = this
    const root = { path: '/var/webcode', kind: 'directory', writable: true, why: undefined } as const
    return {
      host: this.name,
      user: 'deploy',
      uid: 1000,
      hostname: this.name,
      python: '3.11.2',
      root: {
        ...root,
        ...{ owner: 'deploy', id: this.name, project: 'shop', boundBy: undefined },
        ...{ freeBytes: 1e9, freeInodes: 1e6 },
      },
      stages: new Map([
        [
          stage,
          {
            link:
              link === undefined
                ? { kind: 'absent' }
                : { kind: 'link', text: link, revision: link, dangling: false },
            stack: ['shop-1.3.0'],
            wasLive: [],
            switches: [...this.records.values()].toReversed(),
            undone: [],
            lock: undefined,
            frozen: this.frozen,
          },
        ],
      ]),
      revisions: [],
      shared: new Map(),
      unfinished: this.unfinished,
      checked: [],
      foreign: [],
      programs: new Map(),
      answers: new Map(),
      unanswered: [],
      sudo: [],
    }
  }

  #handlers(at: () => Connection): Handlers {
    const faulty = <N extends RequestName>(name: N, usual: Handler<N>): Handler<N> => {
      return async (body, asking) => {
        const asUsual = async () => usual(body, asking)
        const fault: Faults[N] = this.faults[name]
        return fault === undefined ? asUsual() : fault(body, asUsual, at(), asking)
      }
    }
    return {
      'make-shared': faulty('make-shared', ({ directories }) =>
        this.#do(`make ${directories.join(' ')}`, {}),
      ),
      settle: faulty('settle', () => ({ id: this.name, project: 'shop' })),
      lock: faulty('lock', body => this.#lock(at(), body)),
      unlock: faulty('unlock', ({ name }) => this.#unlock(at(), name)),
      receive: faulty('receive', async ({ revision }, { received }) => {
        const bytes = (await received).length
        return this.#do(`receive ${revision}`, { sha256: 'ab'.repeat(32), bytes })
      }),
      unpack: faulty('unpack', ({ revision }) =>
        this.#do(`unpack ${revision}`, { sourceDigest: '5d'.repeat(32), files: 3, bytes: 30 }),
      ),
      run: faulty('run', ({ spec, undoOf }, { cancelled }) => this.#run(at(), spec.step, undoOf, cancelled)),
      'begin-products': faulty('begin-products', ({ share }) => this.#do(`make room for ${share}`, {})),
      'list-products': faulty('list-products', () => ({
        products: Object.entries(this.makes).map(([file, text]) => aProduct(file, text)),
      })),
      'fetch-products': faulty('fetch-products', ({ share }, { give }) => {
        for (const text of Object.values(this.makes)) give(Buffer.from(text))
        give(Buffer.alloc(0))
        return this.#do(`give ${share}`, {})
      }),
      'receive-products': faulty('receive-products', async ({ share, products }, { received, cancelled }) => {
        const content = (await received).toString()
        // The runner's cancel is on its way before the end of its data.
        if (cancelled.aborted) throw new Refuse('cancelled', 'cancelled by the runner')
        this.#receive(products, content)
        return this.#do(`receive ${share}`, {})
      }),
      probe: faulty('probe', async ({ spec, undoOf }, { cancelled }) => {
        const how = await this.#run(at(), spec.step, undoOf, cancelled)
        return { ended: how, attempts: 1, detail: `answered ${how.code === 0 ? 200 : 503}` }
      }),
      seal: faulty('seal', ({ revision }) => this.#do(`seal ${revision}`, { treeDigest: '7d'.repeat(32) })),
      reject: faulty('reject', ({ revision, reason }) => this.#do(`reject ${revision}: ${reason}`, {})),
      abandon: faulty('abandon', ({ revision }) => this.#do(`abandon ${revision}`, { removed: true })),
      'load-undo': faulty('load-undo', ({ undo }) => {
        at().undo = undo
        return {}
      }),
      arm: faulty('arm', body => this.#arm(at(), body)),
      fire: faulty('fire', ({ id }) => this.#fire(at(), id)),
      'put-back': faulty('put-back', ({ id }) => this.#putBack(at(), id)),
      'put-back-done': faulty('put-back-done', ({ id, undo }) => this.#close(id, undo)),
      keep: faulty('keep', ({ id }) => this.#keep(at(), id)),
      'close-switch': faulty('close-switch', ({ id, as }) =>
        this.#do(`close ${id} as ${as}`, { link: this.#read() }),
      ),
      'read-back': faulty('read-back', ({ stages }) => ({
        links: Object.fromEntries(stages.map(name => [name, this.#read()])),
        unrecorded: null,
      })),
      prune: faulty('prune', ({ revisions, atMost }) =>
        this.#do(`prune ${revisions.join(' ')}`, {
          removed: revisions.slice(0, atMost),
          kept: [],
          swept: { removed: 0, left: 0, kept: [] },
        }),
      ),
    }
  }

  #receive(products: Body<'receive-products'>['products'], content: string): void {
    let at = 0
    for (const { file, bytes, sha256 } of products) {
      const text = content.slice(at, at + bytes)
      at += bytes
      if (digestOf(text) !== sha256) throw new Refuse('digest', `${file} did not arrive as it was announced`)
      this.received[file] = text
    }
  }

  #do<T>(what: string, answer: T): T {
    this.done.push(what)
    return answer
  }

  #lock(connection: Connection, { name }: Body<'lock'>): Answer<'lock'> {
    const other = this.others.get(name)
    if (other !== undefined) return { granted: false, holder: other === null ? null : holderOf(other) }
    const held = this.#held.get(name)
    if (held !== undefined && held !== connection) return { granted: false, holder: holderOf(this.#runId) }
    this.#held.set(name, connection)
    connection.locks.add(name)
    return { granted: true, holder: null }
  }

  #unlock(connection: Connection, name: string): Record<string, never> {
    if (this.#held.get(name) === connection) this.#held.delete(name)
    connection.locks.delete(name)
    return {}
  }

  async #run(
    connection: Connection,
    step: string,
    undoOf: string | null,
    cancelled: AbortSignal,
  ): Promise<Ended> {
    if (undoOf === null) connection.started.push(step)
    const how = (await this.steps.get(step)?.(cancelled)) ?? exited(0)
    this.done.push(`${step} ${how.kind === 'exited' ? how.code : how.kind}`)
    if (undoOf !== null) connection.undone.push({ of: undoOf, ok: how.code === 0, reason: null })
    return how
  }

  #arm(connection: Connection, body: Body<'arm'>): Record<string, never> {
    if ((body.from ?? undefined) !== this.link)
      throw new Refuse('moved', 'the link is not what it was planned to be')
    connection.armed = body
    connection.undo = body.undo
    connection.undone = []
    const { id, kind, stage, hosts, except, atMs } = body
    const [from, to, recovers] = [body.from, body.to, body.recovers].map(text => text ?? undefined)
    this.records.set(id, {
      id,
      kind,
      stage,
      from,
      to,
      recovers,
      hosts,
      except,
      exception: undefined,
      atMs,
      by: 'ana',
      state: 'open',
      putBackFailed: undefined,
      undo: [],
    })
    return {}
  }

  #fire(connection: Connection, id: string): Answer<'fire'> {
    const { armed } = connection
    if (armed?.id !== id) throw new Refuse('not-armed', 'none is armed')
    this.link = armed.to ?? undefined
    this.done.push(`fire ${this.link ?? 'no link'}`)
    return { link: this.#read(), firedNs: '1795176000123456789' }
  }

  /** Also of a switch that another connection left without an end, if this one holds the stage's lock. */
  #putBack(connection: Connection, id: string): Answer<'put-back'> {
    const record = this.records.get(id)
    const isOwn = connection.armed?.id === id
    if (record === undefined || record.state === 'kept') throw new Refuse('not-armed', 'none is armed')
    if (!isOwn && !connection.locks.has(record.stage)) throw new Refuse('lock-lost', 'the lock is not held')
    const movedByOthers = this.link !== record.to && this.link !== record.from
    if (this.link === record.to) this.link = record.from
    if (isOwn) this.records.set(id, { ...record, state: 'put-back' })
    this.done.push('put back')
    return { link: this.#read(), movedByOthers, started: connection.started }
  }

  #close(id: string, undo: Body<'put-back-done'>['undo']): Record<string, never> {
    const record = this.records.get(id)
    if (record !== undefined)
      this.records.set(id, {
        ...record,
        state: 'put-back',
        undo: undo.map(({ of, ok, reason }) => ({ of, ok, reason: reason ?? undefined })),
      })
    return {}
  }

  #keep(connection: Connection, id: string): Answer<'keep'> {
    const record = this.records.get(id)
    if (connection.armed?.id !== id || record?.state !== 'open')
      throw new Refuse('not-armed', 'none is fired')
    this.records.set(id, { ...record, state: 'kept' })
    connection.armed = undefined
    connection.undo = []
    this.done.push(`keep ${this.link}`)
    return { link: this.#read(), unrecorded: null }
  }

  #read(): Answer<'fire'>['link'] {
    const { link } = this
    if (link === undefined) return { kind: 'absent', text: null, revision: null, dangling: false }
    return { kind: 'link', text: link, revision: link, dangling: false }
  }

  /** The dead man's switch. */
  async #alone(connection: Connection): Promise<void> {
    if (this.whenAlone === 'hangs') return
    const { armed } = connection
    if (this.whenAlone !== 'dies') {
      if (armed !== undefined && this.records.get(armed.id)?.state === 'open')
        this.#putBack(connection, armed.id)
      const due = connection.undo.filter(
        ({ of }) => connection.started.includes(of) && !connection.undone.some(result => result.of === of),
      )
      for (const { of, run, probe } of due.toReversed()) {
        if (this.whenAlone === 'dies before its undo') {
          connection.undone.push({ of, ok: false, reason: notUndoneYet })
          continue
        }
        const step = run?.step ?? probe?.step ?? of
        const how = (await this.steps.get(step)?.(new AbortController().signal)) ?? exited(0)
        this.done.push(`${step} ${how.code} (alone)`)
        connection.undone.push({ of, ok: how.code === 0, reason: null })
      }
      if (armed !== undefined) this.#close(armed.id, connection.undone)
    }
    for (const name of connection.locks) if (this.#held.get(name) === connection) this.#held.delete(name)
  }
}

/** A file as its host announces it. */
export const aProduct = (file: string, text: string) => ({
  file,
  bytes: text.length,
  sha256: digestOf(text),
})

const holderOf = (run: string) => ({
  run,
  by: 'bob',
  from: 'desk',
  pid: 77,
  command: 'deploy production',
  sinceMs: Date.UTC(2026, 10, 20, 12),
})
