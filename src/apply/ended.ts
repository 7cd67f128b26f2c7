import { type ExitCode, exitCodes } from '../model/outcome.ts'
import type { Problem } from '../model/problem.ts'
import type { HostRun, Run } from './run.ts'
import type { SwitchVerdict } from './switch/machine.ts'
import { type LinkReport, readsNew, readsOld } from './switch/switch-messages.ts'

/** How a run left its phases. */
export type Ended =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly exit: ExitCode; readonly problems: readonly Problem[] }
  /** Failed or interrupted before any `fire` left. */
  | { readonly kind: 'not-switched' }
  | { readonly kind: 'switched' }
  /** A second signal: whatever is known is all that will be. */
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'bug'; readonly error: unknown }

/** The exit code of a run, from how it ended and from what the hosts said when they were read back. */
export function exitOf(run: Run, ended: Ended): ExitCode {
  const { fireLeft, verdict } = run.progress
  switch (ended.kind) {
    case 'done':
      return exitCodes.done
    case 'refused':
      return ended.exit
    case 'not-switched':
      return notSwitched(run)
    case 'switched':
      return verdict === undefined ? exitCodes.splitOrUnknown : exitOfVerdict(run, verdict)
    case 'abandoned':
      if (verdict !== undefined) return exitOfVerdict(run, verdict)
      return fireLeft ? exitCodes.splitOrUnknown : exitCodes.interrupted
    case 'bug':
      return fireLeft && verdict !== 'kept' ? exitCodes.splitOrUnknown : exitCodes.bug
  }
}

const notSwitched = ({ deps }: Run): ExitCode =>
  deps.interrupted.aborted ? exitCodes.interrupted : exitCodes.notSwitched

function exitOfVerdict(run: Run, verdict: SwitchVerdict): ExitCode {
  switch (verdict) {
    case 'kept':
      return reads(run, readsNew) && unrecordedOn(run).length === 0
        ? exitCodes.done
        : exitCodes.splitOrUnknown
    case 'put-back':
      return reads(run, readsOld) ? exitCodes.putBack : exitCodes.splitOrUnknown
    case 'not-switched':
      return notSwitched(run)
    case 'split-or-unknown':
      return exitCodes.splitOrUnknown
  }
}

/** Hosts that kept the switch, and whose journal does not say so: the next run would take it for an open one. */
export const unrecordedOn = (run: Run): readonly HostRun[] =>
  run.progress.verdict === 'kept' ? switchedHosts(run).filter(host => host.unrecorded !== undefined) : []

/** The hosts whose links the run is to move. */
export function switchedHosts(run: Run): readonly HostRun[] {
  const switched = run.plan.phases.find(phase => phase.name === 'switch')?.hosts
  return [...run.hosts.values()].filter(host => switched?.has(host.plan.host) === true)
}

/** Does no host of the switch read otherwise? What is read last is what counts. */
function reads(run: Run, asExpected: (link: LinkReport, host: HostRun) => boolean): boolean {
  return switchedHosts(run).every(host => host.readBack === undefined || asExpected(host.readBack, host))
}
