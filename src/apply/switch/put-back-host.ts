import { failed, type Outcome, ok } from '../../model/outcome.ts'
import type { Answer, Body } from '../../remote/messages.ts'
import { describe } from '../outcome-of.ts'
import type { HostRun, Run } from '../run.ts'
import { runTask } from '../run-step.ts'
import { within } from '../within.ts'
import { liveIn, readsOld, undoName } from './switch-messages.ts'

/** A link is renamed back in one system call; a host that does not say so in this time is lost. */
const PUT_BACK_LIMIT_MS = 10_000

/**
 * Puts one host back: its link, then everything that was started, latest first, and writes down how that went.
 *
 * @returns ok only if the link reads old and every undo ended well
 */
export async function putBackHost(run: Run, host: HostRun, id: string): Promise<Outcome> {
  const answer = await within(PUT_BACK_LIMIT_MS, 'put back', host.end.request('put-back', { id }))
  const outcome = linkOutcome(host, answer)
  const results = await undoStarted(run, host)
  await host.end.request('put-back-done', { id, undo: results })
  const bad = results.filter(result => !result.ok)
  const whole = bad.length === 0 ? outcome : failed(undoFailure(outcome, bad))
  run.deps.emit({ type: 'put-back', host: host.plan.host, to: liveIn(answer.link), outcome: whole })
  return whole
}

function linkOutcome(host: HostRun, answer: Answer<'put-back'>): Outcome {
  if (answer.movedByOthers) {
    return failed(
      `the link was moved by somebody else: it names ${answer.link.text ?? 'nothing'} and is left alone`,
    )
  }
  if (readsOld(answer.link, host)) return ok
  return failed(`the link names ${answer.link.text ?? 'nothing'}, not ${host.plan.from ?? 'nothing'}`)
}

type UndoResults = Body<'put-back-done'>['undo']

async function undoStarted(run: Run, host: HostRun): Promise<UndoResults> {
  const results: UndoResults = []
  // The last one started is undone first; each is undone once, also when putting back is tried again.
  for (let step = host.started.pop(); step !== undefined; step = host.started.pop()) {
    if (step.undo === undefined) continue
    const options = {
      step: undoName(step.id),
      title: `undo of ${step.slot}: ${step.undo.title}`,
      build: false,
      undoOf: step.id,
    }
    const { outcome } = await runTask(run, host, step.undo, run.deps.abandoned, options)
    results.push({
      of: step.id,
      ok: outcome.kind === 'ok',
      reason: outcome.kind === 'ok' ? null : describe(outcome),
    })
  }
  return results
}

function undoFailure(link: Outcome, bad: UndoResults): string {
  const undone = bad.map(result => `the undo of ${result.of} failed: ${result.reason ?? 'unknown reason'}`)
  return [...(link.kind === 'ok' ? [] : [describe(link)]), ...undone].join('; ')
}
