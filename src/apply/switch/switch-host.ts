import { cancelled, failed, type Outcome, ok, unknown } from '../../model/outcome.ts'
import type { RequestOptions } from '../../remote/open-request.ts'
import { RemoteRefusal } from '../../remote/remote-refusal.ts'
import { outcomeOfError, reasonOf } from '../outcome-of.ts'
import { type HostRun, type Run, worsen } from '../run.ts'
import { undoFailure } from '../undo.ts'
import type { FireTime } from './fire-times.ts'
import { forwardAgain } from './forward-again.ts'
import type { HostPosition } from './machine.ts'
import { isoOfNs } from './ns-time.ts'
import { putBackHost } from './put-back-host.ts'
import { findOut } from './reconnect.ts'
import { armBody, liveIn, readsNew, shownLink } from './switch-messages.ts'
import type { Found, SwitchInput } from './turn.ts'
import { warnings } from './warnings.ts'

/** A host that is found, and lost, again and again is not waited for without end. */
const MAX_DEADLINES = 3

/** One host of a switch: says what the machine wants of it, and tells the machine what came of that. */
export class SwitchHost {
  readonly host: HostRun
  readonly #run: Run
  readonly #hosts: readonly HostRun[]
  readonly #feed: (input: SwitchInput) => void
  /** What went wrong here last, for as long as nobody knows what came of it. */
  #trouble = 'the connection was lost'
  /** While it is lost: until when it is asked for. */
  #deadlineMs: number | undefined
  #foundTimes = 0

  constructor(run: Run, host: HostRun, hosts: readonly HostRun[], feed: (input: SwitchInput) => void) {
    this.#run = run
    this.host = host
    this.#hosts = hosts
    this.#feed = feed
  }

  get name(): string {
    return this.host.plan.host
  }

  /** Tells of the loss of the connection that the host has now. */
  watch(): void {
    const { end } = this.host
    void end.lost.then(({ kind, reason }) => {
      if (this.host.end === end && kind !== 'closed') this.lost(reason)
    })
  }

  /** Gives the connection up: its remote end puts itself back when it sees that. */
  lost(reason: string): void {
    this.#went(unknown(reason))
    this.host.end.kill(`it was given up: ${reason}`)
    this.#feed({ type: 'lost', host: this.name })
  }

  /** Says how the host ended, where the machine knows better than what went wrong on the way. */
  settle(position: HostPosition): void {
    const { host } = this
    const wasUnknown = host.outcome.kind === 'unknown'
    if (position === 'old') {
      if (wasUnknown) host.outcome = failed(`${this.#trouble}; it was put back`)
      else worsen(host, cancelled)
    } else if (position === 'kept') {
      if (wasUnknown) host.outcome = ok
    } else if (position === 'stuck' && host.outcome.kind !== 'failed') {
      host.outcome = failed(this.#trouble)
    }
  }

  async arm(): Promise<void> {
    try {
      const body = armBody(this.#run, this.host, this.#hosts)
      // What the barrier has to know before `fire` travels along.
      this.host.end.beatNow().catch(() => undefined)
      await this.host.end.request('arm', body, this.#within(this.#run.limits.armMs))
    } catch (error) {
      this.#went(outcomeOfError(error))
      return this.#feed({ type: 'not-armed', host: this.name })
    }
    this.#feed({ type: 'armed', host: this.name })
  }

  /** Writes `fire` at once; what it returns waits for the answer. */
  sendFire(time: FireTime): () => Promise<void> {
    const { answer } = this.host.end.send(
      'fire',
      { id: this.#id, ...time },
      this.#within(this.#run.limits.fireMs),
    )
    return async () => {
      try {
        const { link, firedNs } = await answer
        const { live: from } = this.host
        this.host.live = liveIn(link)
        const to = this.host.live
        this.#run.deps.emit({ type: 'switched', host: this.name, from, to, at: isoOfNs(firedNs) })
        if (readsNew(link, this.host)) return this.#feed({ type: 'fired', host: this.name })
        this.#went(failed(`after the switch the link ${shownLink(link)}`))
      } catch (error) {
        this.#went(outcomeOfError(error))
      }
      this.#feed({ type: 'not-fired', host: this.name })
    }
  }

  /** Writes `keep` at once; what it returns waits for the answer. */
  sendKeep(): () => Promise<void> {
    const { answer } = this.host.end.send('keep', { id: this.#id }, this.#within(this.#run.limits.keepMs))
    return async () => {
      try {
        const { link, unrecorded } = await answer
        this.host.live = liveIn(link)
        this.host.unrecorded = unrecorded ?? undefined
      } catch (error) {
        this.#trouble = `keep: ${reasonOf(outcomeOfError(error))}`
        return this.#feed({ type: 'not-kept', host: this.name })
      }
      this.#kept()
      this.#feed({ type: 'kept', host: this.name })
    }
  }

  async putBack(): Promise<void> {
    const { end } = this.host
    try {
      const outcome = await putBackHost(this.#run, this.host)
      this.#went(outcome)
      this.#feed({ type: 'put-back', host: this.name, clean: outcome.kind === 'ok' })
    } catch (error) {
      if (this.host.end !== end) return
      const outcome = outcomeOfError(error)
      if (!(error instanceof RemoteRefusal)) return this.lost(reasonOf(outcome))
      this.#went(outcome)
      this.#feed({ type: 'put-back-refused', host: this.name })
    }
  }

  async findOut(): Promise<void> {
    this.#notice(`${this.#trouble}; finding out on a new connection what became of the switch`)
    this.host.end.kill(`it was given up: ${this.#trouble}`)
    const found = await findOut(this.#run, this.host, this.#deadline)
    if (found === undefined) {
      this.host.outcome = unknown(`${this.#trouble}; what became of the switch could not be found out`)
      return this.#feed({ type: 'not-found', host: this.name })
    }
    // Should it be lost again, it is waited for anew: what is asked of it now, an undo, may take longer than that time.
    if (this.#foundTimes < MAX_DEADLINES) this.#deadlineMs = undefined
    this.#foundTimes += 1
    this.watch()
    this.#tellFound(found)
    this.#feed({ type: 'found', host: this.name, found })
  }

  async forwardAgain(): Promise<void> {
    this.host.rests = undefined
    const outcome = await forwardAgain(this.#run, this.host, this.#hosts, this.#deadline)
    this.#went(outcome)
    if (outcome.kind === 'ok') this.#kept()
    const as = outcome.kind === 'ok' ? 'kept' : outcome.kind === 'unknown' ? 'unknown' : 'stuck'
    this.#feed({ type: 'forward-ended', host: this.name, as })
  }

  #tellFound({ link, record, undo }: Found): void {
    const journal = record === 'none' ? 'its journal does not know the switch' : `its journal says ${record}`
    this.#notice(`found with the ${link} link; ${journal}`)
    this.host.rests = record === 'kept' ? 'new' : record === 'put-back' ? 'old' : undefined
    if (record === 'kept' && link === 'new') {
      this.#kept()
      return
    }
    if (record !== 'put-back' || link !== 'old' || undo === 'due') return
    const reason = undoFailure(this.host)
    const outcome = reason === undefined ? ok : failed(reason)
    this.#went(outcome)
    this.#run.deps.emit({ type: 'put-back', host: this.name, to: this.host.live, outcome })
  }

  #went(outcome: Outcome): void {
    worsen(this.host, outcome)
    if (outcome.kind === 'failed' || outcome.kind === 'unknown') this.#trouble = outcome.reason
  }

  /** Nothing is undone any more. */
  #kept(): void {
    this.host.started.length = 0
    this.host.rests = 'new'
    this.#run.deps.emit({ type: 'kept', host: this.name, live: this.host.live })
  }

  #notice(message: string): void {
    this.#run.deps.emit({ type: 'notice', host: this.name, message })
  }

  /** A host that does not answer in time is put back, or given up, as the machine decides. */
  #within(limitMs: number): RequestOptions {
    return { ...warnings(this.#run, this.host), limitMs, keepsConnection: true }
  }

  get #id(): string {
    return this.#run.plan.run.id
  }

  get #deadline(): number {
    this.#deadlineMs ??= this.#run.deps.monotonicMs() + this.#run.limits.findOutMs
    return this.#deadlineMs
  }
}
