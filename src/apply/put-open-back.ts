import type { Problem } from '../model/problem.ts'
import type { Answer, Body, RefusalCode } from '../remote/messages.ts'
import { RemoteRefusal } from '../remote/remote-refusal.ts'
import { describe, outcomeOfError } from './outcome-of.ts'
import { problem } from './problem.ts'
import type { HostRun, Run } from './run.ts'
import { runTask } from './run-step.ts'
import { readLink } from './switch/read-link.ts'
import { readsOld, shownLink } from './switch/switch-messages.ts'
import { warnings } from './switch/warnings.ts'

type Undone = Body<'put-back-done'>['undo']

/**
 * Puts back what dead runs left open on a host, newest first, and makes its processes use the old revision again; that too
 * where a switch is put back already, and its host died before it had undone what was started. An
 * activation that fails is told of and is no reason to stop: the run goes on to activate another revision.
 *
 * @returns why the run cannot go on: a link cannot be put back (`stuck`), or is not what the plan switches from
 */
export async function putOpenSwitchesBack(run: Run, host: HostRun): Promise<readonly Problem[]> {
  const { switches, undoes } = host.plan.putBackFirst
  if (switches.length === 0 && undoes === undefined) return []
  const oldest = switches.at(-1)
  for (const id of switches) {
    const answer = await putBack(run, host, id)
    if ('code' in answer) return [answer]
    tellPutBack(run, host, id, answer)
    // One of them stays open until the activation is over: if this run dies before, the next one has to see that it is due.
    if (id !== oldest) await close(run, host, id, [])
  }
  if (undoes !== undefined) tellNotUndone(run, host, undoes.id)
  const undo = await activateOld(run, host)
  if (run.deps.abandoned.aborted) return []
  for (const id of switches.toReversed()) {
    if (id !== oldest) await putBack(run, host, id)
    await close(run, host, id, undo)
  }
  if (undoes !== undefined) {
    const answer = await putBack(run, host, undoes.id)
    if ('code' in answer) return [answer]
    await close(run, host, undoes.id, [...undo, ...settled(undoes.steps, undo)])
  }
  const link = await readLink(run, host, { keepsConnection: false })
  if (readsOld(link, host)) return []
  const text = `after an open switch was put back the link ${shownLink(link)}, not ${host.plan.from ?? 'nothing'}`
  return [problem('put-back', host.plan.host, text, `look at it with \`deploy status ${run.plan.stage}\``)]
}

function tellPutBack(run: Run, host: HostRun, id: string, { link, movedByOthers }: Answer<'put-back'>): void {
  const now = movedByOthers ? 'was moved by somebody else and is left alone' : 'is put back'
  const message = `the switch ${id}, which nobody kept: the link ${now}, it ${shownLink(link)}`
  run.deps.emit({ type: 'notice', host: host.plan.host, message })
}

function tellNotUndone(run: Run, host: HostRun, id: string): void {
  const message = `the switch ${id} was put back, and not all of it undone: what is live is activated again`
  run.deps.emit({ type: 'notice', host: host.plan.host, message })
}

/** What makes processes use a revision: to run that for what is live is to undo them. */
const activating: readonly string[] = ['after:switch', 'before:activate', 'activate', 'after:activate']

/** What becomes of steps whose undo nobody came to. How to undo those before the switch went with their remote end. */
function settled(steps: readonly string[], undo: Undone): Undone {
  const isDone = undo.length > 0 && undo.every(({ ok }) => ok)
  return steps.map(of => {
    const isActivation = activating.includes(of.slice(0, of.lastIndexOf('/')))
    if (isActivation && isDone) return { of, ok: true, reason: null }
    return { of, ok: false, reason: isActivation ? 'what is live could not be activated' : lostUndo }
  })
}

const lostUndo = 'its host died before it was undone, and how to do that went with it'

async function close(run: Run, host: HostRun, id: string, undo: Undone): Promise<void> {
  const { putBackMs: limitMs } = run.limits
  const what = 'the end of the put back'
  await host.end.request('put-back-done', { id, undo }, { ...warnings(run, host), limitMs, what })
}

/** Refusals that say nothing of the link. */
const untried: readonly RefusalCode[] = ['lock-lost', 'not-armed', 'invalid', 'not-open', 'internal']

/** A host that tried and could not is for a person to decide about: the next run would only try the same. */
async function putBack(run: Run, host: HostRun, id: string): Promise<Answer<'put-back'> | Problem> {
  try {
    const { putBackMs: limitMs } = run.limits
    return await host.end.request('put-back', { id }, { ...warnings(run, host), limitMs, what: 'put back' })
  } catch (error) {
    if (!(error instanceof RemoteRefusal) || untried.includes(error.refusal)) throw error
    const { host: name } = host.plan
    const why = describe(outcomeOfError(error))
    const { stage } = run.plan
    const hint = `mend the cause, then decide: \`deploy recover ${stage} --back\` or \`deploy recover ${stage} --forward\``
    return problem('stuck', name, `the switch ${id}, which nobody kept, cannot be put back: ${why}`, hint)
  }
}

async function activateOld(run: Run, host: HostRun): Promise<Undone> {
  const results: Undone = []
  for (const [index, task] of host.plan.putBackFirst.tasks.entries()) {
    const { outcome } = await runTask(run, host, task, {
      signal: run.deps.abandoned,
      step: `reactivate/${index + 1}`,
      title: `after a switch that was not kept: ${task.title}`,
    })
    const ok = outcome.kind === 'ok'
    results.push({ of: `reactivate/${index + 1}`, ok, reason: ok ? null : describe(outcome) })
  }
  return results
}
