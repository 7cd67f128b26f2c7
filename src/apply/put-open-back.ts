import type { Body } from '../remote/messages.ts'
import { describe } from './outcome-of.ts'
import type { HostRun, Run } from './run.ts'
import { runTask } from './run-step.ts'
import { readsOld } from './switch/switch-messages.ts'
import { warnings } from './switch/warnings.ts'

/**
 * Puts back what dead runs left open on a host, newest first, and makes its processes use the old revision again. An
 * activation that fails is told of and is no reason to stop: the run goes on to activate another revision.
 *
 * @returns why the run cannot go on: the link is not what the plan switches from; undefined: it is
 */
export async function putOpenSwitchesBack(run: Run, host: HostRun): Promise<string | undefined> {
  const { switches } = host.plan.putBackFirst
  if (switches.length === 0) return undefined
  for (const id of switches) {
    const { link, movedByOthers } = await host.end.request('put-back', { id }, warnings(run, host))
    const now = movedByOthers ? 'was moved by somebody else and is left alone' : 'is put back'
    const message = `the switch ${id}, which nobody kept: the link ${now}, it names ${link.text ?? 'nothing'}`
    run.deps.emit({ type: 'notice', host: host.plan.host, message })
  }
  const undo = await activateOld(run, host)
  for (const id of switches) await host.end.request('put-back-done', { id, undo }, warnings(run, host))
  const { links } = await host.end.request('read-back', { stages: [run.plan.stage] })
  const link = links[run.plan.stage]
  if (link !== undefined && readsOld(link, host)) return undefined
  return `after an open switch was put back the link names ${link?.text ?? 'nothing'}, not ${host.plan.from ?? 'nothing'}`
}

async function activateOld(run: Run, host: HostRun): Promise<Body<'put-back-done'>['undo']> {
  const results: Body<'put-back-done'>['undo'] = []
  for (const [index, task] of host.plan.putBackFirst.tasks.entries()) {
    const { outcome } = await runTask(run, host, task, {
      signal: run.deps.abandoned,
      step: `reactivate/${index + 1}`,
      title: `after an open switch: ${task.title}`,
    })
    const ok = outcome.kind === 'ok'
    results.push({ of: `reactivate/${index + 1}`, ok, reason: ok ? null : describe(outcome) })
  }
  return results
}
