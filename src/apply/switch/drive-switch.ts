import type { HostName } from '../../model/names.ts'
import { failed, type Outcome, unknown } from '../../model/outcome.ts'
import type { Answer } from '../../remote/messages.ts'
import { describe, outcomeOfError } from '../outcome-of.ts'
import { type HostRun, hostOf, type Run, worsen } from '../run.ts'
import { within } from '../within.ts'
import { askOnceMore, fireDelaysUs, silentHosts } from './barrier.ts'
import { forwardAgain } from './forward-again.ts'
import {
  nextTurn,
  type SwitchCommand,
  type SwitchInput,
  type SwitchState,
  type SwitchVerdict,
  startSwitch,
  verdictOf,
} from './machine.ts'
import { putBackHost } from './put-back-host.ts'
import { findOut } from './reconnect.ts'
import { armBody, liveIn } from './switch-messages.ts'

/** A host that has not confirmed `fire` after this is put back with all others. */
const FIRE_LIMIT_MS = 10_000
/** Arming writes two links and a line, and may start an interpreter; nothing that takes long. */
const ARM_LIMIT_MS = 30_000
const KEEP_LIMIT_MS = 10_000

/** The steps between the rename and the decision: `after:switch`, activate, health. Resolves with how they went. */
export type SwitchSteps = (signal: AbortSignal) => Promise<Outcome>

/**
 * Carries the switch machine's commands out on the hosts until the machine is done. All decisions are the
 * machine's; this sends, waits and reports. It never throws: what goes wrong on a host is that host's outcome.
 */
export async function driveSwitch(
  run: Run,
  names: readonly HostName[],
  steps: SwitchSteps,
): Promise<SwitchVerdict> {
  const driver = new SwitchDriver(run, names, steps)
  return driver.done
}

class SwitchDriver {
  readonly done: Promise<SwitchVerdict>
  readonly #run: Run
  readonly #names: readonly HostName[]
  readonly #steps: SwitchSteps
  readonly #stopSteps = new AbortController()
  #state: SwitchState
  #finish: (verdict: SwitchVerdict) => void = () => undefined

  constructor(run: Run, names: readonly HostName[], steps: SwitchSteps) {
    this.#run = run
    this.#names = names
    this.#steps = steps
    this.done = new Promise(resolve => {
      this.#finish = resolve
    })
    const { state, commands } = startSwitch(names)
    this.#state = state
    for (const name of names) this.#watch(hostOf(run, name))
    const { interrupted } = run.deps
    if (interrupted.aborted) queueMicrotask(() => this.#feed({ type: 'interrupted' }))
    else interrupted.addEventListener('abort', () => this.#feed({ type: 'interrupted' }), { once: true })
    for (const command of commands) this.#carryOut(command)
  }

  #feed(input: SwitchInput): void {
    const { state, commands } = nextTurn(this.#state, input)
    this.#state = state
    for (const command of commands) this.#carryOut(command)
    if (state.stage === 'done') this.#finish(verdictOf(state))
  }

  #watch(host: HostRun): void {
    const { end } = host
    void end.lost.then(lost => {
      if (host.end !== end) return
      if (this.#state.stage !== 'done') worsen(host, unknown(lost.reason))
      this.#feed({ type: 'lost', host: host.plan.host })
    })
  }

  #carryOut(command: SwitchCommand): void {
    switch (command.type) {
      case 'arm':
        for (const name of command.hosts) void this.#arm(hostOf(this.#run, name))
        return
      case 'fire':
        void this.#passBarrier(() => this.#fire(), 'arming')
        return
      case 'run-steps':
        void this.#runSteps()
        return
      case 'stop-steps':
        this.#stopSteps.abort()
        return
      case 'keep':
        void this.#passBarrier(() => this.#keep(), 'steps')
        return
      case 'put-back':
        void this.#putBack(hostOf(this.#run, command.host))
        return
      case 'reconnect':
        void this.#reconnect(hostOf(this.#run, command.host))
        return
      case 'forward-again':
        void this.#forwardAgain(hostOf(this.#run, command.host))
        return
    }
  }

  async #arm(host: HostRun): Promise<void> {
    const name = host.plan.host
    try {
      const body = armBody(this.#run, host, this.#hosts())
      await within(ARM_LIMIT_MS, 'arm', host.end.request('arm', body))
      this.#feed({ type: 'armed', host: name })
    } catch (error) {
      this.#failed(host, error)
      this.#feed(host.end.isLost ? { type: 'lost', host: name } : { type: 'not-armed', host: name })
    }
  }

  /** Sends in the turn in which every host is known to have been heard; asks silent ones once more before that. */
  async #passBarrier(send: () => void, stage: SwitchState['stage']): Promise<void> {
    const { heartbeatMs } = this.#run.plan
    if (silentHosts(this.#hosts(), heartbeatMs).length > 0) await askOnceMore(this.#hosts(), heartbeatMs)
    if (this.#state.stage !== stage) return
    const silent = silentHosts(this.#hosts(), heartbeatMs)
    if (silent.length === 0) {
      send()
      return
    }
    for (const host of silent) {
      worsen(host, unknown('it was silent when all hosts had to be heard'))
      this.#feed({ type: 'lost', host: host.plan.host })
    }
  }

  #fire(): void {
    const id = this.#run.plan.run.id
    const delays = fireDelaysUs(this.#hosts())
    const sent = this.#hosts().map(host => ({
      host,
      answer: host.end.send('fire', { id, delayUs: delays.get(host) ?? 0 }).answer,
    }))
    this.#run.progress.fireLeft = true
    this.#feed({ type: 'fire-left' })
    for (const { host, answer } of sent) void this.#awaitFired(host, answer)
  }

  async #awaitFired(host: HostRun, answer: Promise<Answer<'fire'>>): Promise<void> {
    const name = host.plan.host
    try {
      const { link, firedNs } = await within(FIRE_LIMIT_MS, 'fire', answer)
      const to = liveIn(link)
      this.#run.deps.emit({ type: 'switched', host: name, from: host.plan.live, to, at: isoOfNs(firedNs) })
      if (to === host.plan.wanted) return this.#feed({ type: 'fired', host: name })
      worsen(host, failed(`after the switch the link names ${link.text ?? 'nothing'}`))
    } catch (error) {
      this.#failed(host, error)
    }
    this.#feed(host.end.isLost ? { type: 'lost', host: name } : { type: 'not-fired', host: name })
  }

  async #runSteps(): Promise<void> {
    const outcome = await this.#steps(this.#stopSteps.signal)
    this.#feed({ type: 'steps-ended', ok: outcome.kind === 'ok' })
  }

  #keep(): void {
    const id = this.#run.plan.run.id
    const sent = this.#hosts().map(host => ({ host, answer: host.end.send('keep', { id }).answer }))
    this.#feed({ type: 'keep-left' })
    for (const { host, answer } of sent) void this.#awaitKept(host, answer)
  }

  async #awaitKept(host: HostRun, answer: Promise<Answer<'keep'>>): Promise<void> {
    const name = host.plan.host
    try {
      const { link } = await within(KEEP_LIMIT_MS, 'keep', answer)
      this.#run.deps.emit({ type: 'kept', host: name, live: liveIn(link) })
      this.#feed({ type: 'kept', host: name })
    } catch (error) {
      this.#run.deps.emit({
        type: 'notice',
        host: name,
        message: `keep: ${describe(outcomeOfError(error))}; asking again`,
      })
      this.#feed({ type: 'not-kept', host: name })
    }
  }

  async #putBack(host: HostRun): Promise<void> {
    const name = host.plan.host
    try {
      const outcome = await putBackHost(this.#run, host, this.#run.plan.run.id)
      worsen(host, outcome.kind === 'ok' ? { kind: 'cancelled' } : outcome)
      this.#feed({ type: 'put-back', host: name, clean: outcome.kind === 'ok' })
    } catch (error) {
      worsen(host, outcomeOfError(error))
      this.#feed({ type: 'lost', host: name })
    }
  }

  async #reconnect(host: HostRun): Promise<void> {
    const name = host.plan.host
    this.#run.deps.emit({
      type: 'notice',
      host: name,
      message: 'connection lost in the switch; finding out on a new one',
    })
    const found = await findOut(this.#run, host)
    if (found === undefined) return this.#feed({ type: 'not-found', host: name })
    this.#watch(host)
    this.#feed({ type: 'found', host: name, found })
  }

  async #forwardAgain(host: HostRun): Promise<void> {
    const outcome = await forwardAgain(this.#run, host, this.#hosts())
    worsen(host, outcome)
    this.#feed({ type: 'forward-ended', host: host.plan.host, ok: outcome.kind === 'ok' })
  }

  #hosts(): readonly HostRun[] {
    return this.#names.map(name => hostOf(this.#run, name))
  }

  #failed(host: HostRun, error: unknown): void {
    worsen(host, outcomeOfError(error))
  }
}

/** A host's `time.time_ns()` as ISO 8601 with microseconds, which a JavaScript date does not have. */
function isoOfNs(ns: string): string {
  const all = BigInt(ns)
  const seconds = new Date(Number(all / 1_000_000n)).toISOString().slice(0, 19)
  const micros = ((all / 1_000n) % 1_000_000n).toString().padStart(6, '0')
  return `${seconds}.${micros}Z`
}
