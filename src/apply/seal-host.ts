import { ok } from '../model/outcome.ts'
import type { Plan } from '../model/plan.ts'
import { fileWork } from './limits.ts'
import type { HostWork } from './on-every-host.ts'
import type { HostRun, Run } from './run.ts'
import { toldWork } from './told-step.ts'

/** Writes the verdict *verified* and makes the revision read-only, after every host was found good. */
export function sealWork(run: Run): HostWork {
  return async host => {
    const name = { step: 'seal', title: titleOf(run.plan) }
    await toldWork(run, host, name, () => seal(run, host))
    return ok
  }
}

function titleOf({ shared }: Plan): string {
  const own = 'write the verdict, make it read-only'
  return shared.length === 0 ? own : `link what is shared, ${own}`
}

async function seal(run: Run, host: HostRun): Promise<void> {
  const { plan, deps, limits } = run
  const { name, version, sha256 } = plan.revision
  const body = {
    revision: name,
    project: plan.project,
    version,
    sha256,
    sourceDigest: host.sourceDigest,
    shared: [...plan.shared],
    verification: [...host.verification],
    builders: [...host.builders],
    tool: deps.tool,
  }
  await host.end.request('seal', body, fileWork(limits))
  host.begun = false
  // From now on others may use it too: a promotion to another stage must not wait for this run's end.
  await host.end.request('lock', { name, mode: 'shared' }, { limitMs: limits.readBackMs })
}
