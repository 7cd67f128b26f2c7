import { failed } from '../model/outcome.ts'
import type { HostPlan } from '../model/plan.ts'
import { switchedHosts } from './ended.ts'
import { problem } from './problem.ts'
import { type HostRun, type Run, worsen } from './run.ts'
import { movedText, readsNew, readsOld } from './switch/switch-messages.ts'

/**
 * Says of every link that was moved by somebody else during the switch that this run has not set it, and what puts it
 * back. It is left alone. For a switch that never fired its hosts have said so when they were armed.
 */
export function tellMoved(run: Run): void {
  if (!run.progress.fireLeft) return
  for (const host of switchedHosts(run).filter(isMoved)) {
    const { readBack } = host
    if (readBack === undefined) continue
    const why = movedText(readBack)
    worsen(host, failed(why))
    run.deps.emit({ type: 'problem', problem: problem('moved', host.plan.host, why, hintFor(run, host)) })
  }
}

/**
 * Is the link, as it was read last, something that the switch cannot have made of it? Where the host did not say how it
 * rests, that is neither end of the switch.
 */
function isMoved(host: HostRun): boolean {
  const { readBack: link, rests } = host
  if (link === undefined) return false
  const couldBeNew = rests !== 'old' && readsNew(link, host)
  const couldBeOld = rests !== 'new' && readsOld(link, host)
  return !couldBeNew && !couldBeOld
}

/** A rollback is an answer where all hosts have the same end of the switch on record; otherwise that comes first. */
function hintFor(run: Run, host: HostRun): string {
  const { stage } = run.plan
  const switched = switchedHosts(run)
  const end = switched.some(({ rests }) => rests === 'new') ? 'new' : 'old'
  const agree = switched.every(({ rests }) => rests === end)
  if (!agree) return `\`deploy status ${stage}\` says how all hosts stand: what it calls split comes first`
  const names = new Set(switched.map(({ plan }) => plan.host))
  const goalOf = (plan: HostPlan) => {
    if (!names.has(plan.host)) return plan.live
    return end === 'new' ? plan.to : plan.from
  }
  const goals = new Set([...run.hosts.values()].map(({ plan }) => goalOf(plan)))
  return wayTo(run, host, goalOf(host.plan), goals.size === 1)
}

function wayTo({ plan }: Run, host: HostRun, goal: string | undefined, isForAll: boolean): string {
  const { host: name, live } = host.plan
  const kind = host.readBack?.kind
  const inTheWay = kind === 'directory' || kind === 'other'
  const first = inTheWay ? `move what is in its place away on ${name}; then ` : ''
  if (goal === undefined) return `${inTheWay ? 'move' : 'take'} it away on ${name}: there is to be no link`
  if (goal !== live && goal !== host.plan.wanted) return `${first}put it back by hand on ${name}: to ${goal}`
  const except = plan.leftOut.length === 0 ? '' : ` --except ${plan.leftOut.join(',')}`
  const which = isForAll ? except : ` --hosts ${name}`
  return `${first}\`deploy rollback ${plan.stage} --to ${goal}${which}\` puts it back`
}
