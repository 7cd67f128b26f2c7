import type { HostName, StageName } from '../model/names.ts'
import type { HostSteps } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import { refusal } from './problems.ts'

interface Waiting {
  readonly host: HostName
  /** Of the step inside the build. */
  readonly index: number
}

/**
 * Hosts that would wait for each other for ever: each builds only after a step that takes what the other one builds.
 * That needs two builders, and a recipe that orders its steps differently from host to host.
 */
export function waitingProblems(
  stage: StageName,
  steps: ReadonlyMap<HostName, HostSteps>,
): readonly Problem[] {
  const done = new Set<string>()
  const under = new Set<string>()
  const circle = (at: Waiting): HostName | undefined => {
    const name = `${at.host} ${at.index}`
    if (done.has(name)) return undefined
    if (under.has(name)) return at.host
    under.add(name)
    const found = waitedFor(at, steps)
      .map(circle)
      .find(host => host !== undefined)
    under.delete(name)
    done.add(name)
    return found
  }
  const found = [...steps]
    .map(([host, { inside }]) => circle({ host, index: inside.length - 1 }))
    .find(host => host !== undefined)
  if (found === undefined) return []
  const message = `${found} would wait for a host that waits for it: each builds something for the other`
  const hint = 'let one host build both (`builder` of `share`), or order these steps alike on all hosts'
  return [refusal('builders-wait', stage, message, hint)]
}

/** The steps that have to end before this one can. */
function waitedFor({ host, index }: Waiting, steps: ReadonlyMap<HostName, HostSteps>): readonly Waiting[] {
  const before = index > 0 ? [{ host, index: index - 1 }] : []
  const action = steps.get(host)?.inside[index]?.action
  if (action?.kind !== 'take') return before
  const built = steps
    .get(action.from)
    ?.inside.findIndex(one => one.action.kind === 'build' && one.action.shared.id === action.shared.id)
  return built === undefined || built < 0 ? before : [...before, { host: action.from, index: built }]
}
