import type { HostName } from '../../model/names.ts'
import type { Outcome } from '../../model/outcome.ts'
import { type HostRun, hostOf, type Run } from '../run.ts'
import { undoStarted } from '../undo.ts'
import { Barrier } from './barrier.ts'
import { AT_ONCE, fireTimes } from './fire-times.ts'
import {
  nextTurn,
  type SwitchStage,
  type SwitchState,
  type SwitchVerdict,
  startSwitch,
  verdictOf,
} from './machine.ts'
import { SwitchHost } from './switch-host.ts'
import type { SwitchCommand, SwitchInput } from './turn.ts'

/** The steps between the rename and the decision: `after:switch`, activate, health. Resolves with how they went. */
export type SwitchSteps = (signal: AbortSignal) => Promise<Outcome>

/**
 * Carries the switch machine's commands out on the hosts until the machine is done. All decisions are the
 * machine's; this sends, waits and reports. What goes wrong on a host is that host's outcome; it rejects for a bug alone.
 */
export async function driveSwitch(
  run: Run,
  names: readonly HostName[],
  steps: SwitchSteps,
): Promise<SwitchVerdict> {
  const driver = new SwitchDriver(run, names, steps)
  const verdict = await driver.done
  run.progress.verdict = verdict
  if (!driver.isDecided) await undoOnRunner(run, names)
  return verdict
}

/**
 * A host that is lost undoes its own; what stands on the runner for it would be forgotten. After the first `keep` the way is only
 * forward: then what was done for a host of which nobody knows stays done.
 */
async function undoOnRunner(run: Run, names: readonly HostName[]): Promise<void> {
  await Promise.all(names.map(name => hostOf(run, name)).map(host => undoStarted(run, host, 'local')))
}

class SwitchDriver {
  readonly done: Promise<SwitchVerdict>
  readonly #run: Run
  readonly #hosts: ReadonlyMap<HostName, SwitchHost>
  readonly #steps: SwitchSteps
  readonly #barrier: Barrier<HostRun>
  readonly #stopSteps = new AbortController()
  #stepsOver: Promise<unknown> = Promise.resolve()
  #decided = false
  #state: SwitchState
  #finish: (verdict: SwitchVerdict) => void = () => undefined
  #break: (bug: unknown) => void = () => undefined

  constructor(run: Run, names: readonly HostName[], steps: SwitchSteps) {
    this.#run = run
    this.#steps = steps
    const runs = names.map(name => hostOf(run, name))
    const feed = (input: SwitchInput) => this.#feed(input)
    this.#hosts = new Map(runs.map(host => [host.plan.host, new SwitchHost(run, host, runs, feed)]))
    this.#barrier = new Barrier(runs, run.plan.heartbeatMs, run.deps)
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#break = reject
    })
    const { state, commands } = startSwitch(names)
    this.#state = state
    const { interrupted } = run.deps
    const interrupt = () => this.#feed({ type: 'interrupted' })
    interrupted.addEventListener('abort', interrupt, { once: true })
    const forget = () => interrupted.removeEventListener('abort', interrupt)
    this.done.then(forget, forget)
    for (const host of this.#hosts.values()) host.watch()
    for (const command of commands) this.#carryOut(command)
    if (interrupted.aborted) interrupt()
  }

  /** Did the first `keep` leave? */
  get isDecided(): boolean {
    return this.#decided
  }

  #feed(input: SwitchInput): void {
    if (this.#state.stage === 'done') return
    const { state, commands } = nextTurn(this.#state, input)
    this.#state = state
    for (const command of commands) this.#carryOut(command)
    if (state.stage === 'done') this.#guard(this.#end(state))
  }

  async #end(state: SwitchState): Promise<void> {
    await this.#stepsOver
    for (const [name, position] of state.hosts) this.#host(name).settle(position)
    this.#finish(verdictOf(state))
  }

  #carryOut(command: SwitchCommand): void {
    switch (command.type) {
      case 'arm':
        for (const host of this.#all()) this.#guard(host.arm())
        return
      case 'fire':
        this.#guard(this.#passBarrier('arming', () => this.#fire()))
        return
      case 'run-steps':
        this.#guard(this.#runSteps())
        return
      case 'stop-steps':
        this.#stopSteps.abort()
        return
      case 'keep':
        this.#guard(this.#passBarrier('steps', () => this.#keep()))
        return
      case 'put-back':
        this.#guard(this.#host(command.host).putBack())
        return
      case 'reconnect':
        this.#guard(this.#host(command.host).findOut())
        return
      case 'forward-again':
        this.#guard(this.#host(command.host).forwardAgain())
        return
    }
  }

  /** Sends in the turn in which every host is known to have been heard; asks once more before that. */
  async #passBarrier(stage: SwitchStage, send: () => void): Promise<void> {
    if (this.#barrier.silent().length > 0) await this.#barrier.askOnceMore()
    if (this.#state.stage !== stage) return
    const still = this.#barrier.silent()
    if (still.length === 0) {
      send()
      return
    }
    for (const host of still) this.#host(host.plan.host).lost('it was silent when all hosts had to be heard')
  }

  /** The machine is told first: from here on a host may have been reached, whatever else happens in this turn. */
  #fire(): void {
    const nowMs = this.#run.deps.monotonicMs()
    const times = fireTimes(
      this.#all().map(({ host }) => host),
      nowMs,
    )
    this.#run.progress.fireLeft = true
    this.#feed({ type: 'fire-left' })
    const sent = this.#all().map(host => host.sendFire(times.get(host.host) ?? AT_ONCE))
    for (const awaitFired of sent) this.#guard(awaitFired())
  }

  async #runSteps(): Promise<void> {
    const steps = this.#steps(this.#stopSteps.signal)
    this.#stepsOver = steps
    const outcome = await steps
    this.#feed({ type: 'steps-ended', ok: outcome.kind === 'ok' })
  }

  #keep(): void {
    this.#decided = true
    this.#feed({ type: 'keep-left' })
    const sent = this.#all().map(host => host.sendKeep())
    for (const awaitKept of sent) this.#guard(awaitKept())
  }

  /** A bug in carrying a command out ends the run with it: no host waits for ever. */
  #guard(work: Promise<void>): void {
    work.catch(bug => this.#break(bug))
  }

  #all(): readonly SwitchHost[] {
    return [...this.#hosts.values()]
  }

  #host(name: HostName): SwitchHost {
    const host = this.#hosts.get(name)
    if (host === undefined) throw new Error(`no such host in this switch: ${name}`)
    return host
  }
}
