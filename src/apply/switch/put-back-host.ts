import { failed, type Outcome, ok } from '../../model/outcome.ts'
import type { Answer } from '../../remote/messages.ts'
import { RemoteRefusal } from '../../remote/remote-refusal.ts'
import type { HostRun, Run } from '../run.ts'
import { checkStillOn, undoFailure, undoStarted } from '../undo.ts'
import { readLink } from './read-link.ts'
import { liveIn, movedText, readsNew, readsOld, shownLink } from './switch-messages.ts'
import { warnings } from './warnings.ts'

/**
 * Puts one host back: its link at once, then, when its running step has ended, everything that was started, latest
 * first; and writes down how that went.
 *
 * @returns ok only if the link reads old and every undo ended well. Throws what the link's request throws, and a loss
 */
export async function putBackHost(run: Run, host: HostRun): Promise<Outcome> {
  const { end } = host
  const { link, movedByOthers, armed } = await putLinkBack(run, host)
  host.live = liveIn(link)
  // A put back that was answered is in its journal, also where the link was left alone.
  if (armed || readsOld(link, host)) host.rests = 'old'
  await host.idle
  checkStillOn(host, end)
  await undoStarted(run, host, 'all')
  if (armed) {
    const undo = host.undone.map(result => ({ ...result }))
    const options = { ...inTime(run, host), what: 'the end of the put back' }
    await end.request('put-back-done', { id: run.plan.run.id, undo }, options)
  }
  const outcome = outcomeOf(host, linkFailure(host, { link, movedByOthers }))
  run.deps.emit({ type: 'put-back', host: host.plan.host, to: liveIn(link), outcome })
  return outcome
}

type PutBack = Pick<Answer<'put-back'>, 'link' | 'movedByOthers'>

async function putLinkBack(run: Run, host: HostRun): Promise<PutBack & { readonly armed: boolean }> {
  try {
    const options = { ...inTime(run, host), what: 'put back' }
    const answer = await host.end.request('put-back', { id: run.plan.run.id }, options)
    return { ...answer, armed: true }
  } catch (error) {
    if (!(error instanceof RemoteRefusal) || error.refusal !== 'not-armed') throw error
    // It armed nothing over this connection: there is nothing to put back, only to look at.
    const link = await readLink(run, host)
    return { link, movedByOthers: false, armed: false }
  }
}

/** What becomes of the connection of a host that does not answer in time is for the switch to decide. */
const inTime = (run: Run, host: HostRun) => ({
  ...warnings(run, host),
  limitMs: run.limits.putBackMs,
  keepsConnection: true,
})

function linkFailure(host: HostRun, { link, movedByOthers }: PutBack): string | undefined {
  if (movedByOthers || !(readsOld(link, host) || readsNew(link, host))) return movedText(link)
  return readsOld(link, host) ? undefined : `the link ${shownLink(link)}, not ${host.plan.from ?? 'nothing'}`
}

function outcomeOf(host: HostRun, link: string | undefined): Outcome {
  const reasons = [link, undoFailure(host)].filter(reason => reason !== undefined)
  return reasons.length === 0 ? ok : failed(reasons.join('; '))
}
