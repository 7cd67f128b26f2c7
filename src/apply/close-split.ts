import { describe, outcomeOfError } from './outcome-of.ts'
import { type HostRun, type Run, worsen } from './run.ts'
import { warnings } from './switch/warnings.ts'

/**
 * The last of a recovery: where no link had to move, the journal is told how the switch that split ended there. What comes
 * between the switch and this leaves the split on the record, never hidden.
 *
 * @returns whether it is closed on every host
 */
export async function closeSplit(run: Run): Promise<boolean> {
  const hosts = [...run.hosts.values()]
  const closed = await Promise.all(hosts.map(host => closeOn(run, host)))
  return closed.every(well => well)
}

async function closeOn(run: Run, host: HostRun): Promise<boolean> {
  const { plan, deps } = run
  const { closes, host: name } = host.plan
  if (closes === undefined || plan.recovers === undefined) return true
  const { id } = plan.recovers
  try {
    const body = { id, stage: plan.stage, as: closes }
    const { keepMs: limitMs } = run.limits
    await host.end.request('close-switch', body, {
      ...warnings(run, host),
      limitMs,
      what: 'close the switch',
    })
  } catch (error) {
    const outcome = outcomeOfError(error)
    worsen(host, outcome)
    const message = `the switch ${id} could not be closed here: ${describe(outcome)}`
    deps.emit({ type: 'notice', host: name, message })
    return false
  }
  const how = closes === 'kept' ? 'kept' : 'put back'
  deps.emit({
    type: 'notice',
    host: name,
    message: `the switch ${id} is closed as ${how}; its link was right`,
  })
  return true
}
