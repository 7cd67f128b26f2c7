import type { DeployEvent, Deployment } from './deploy.ts'

/** The events of one type, in order. */
export function eventsOf(run: Deployment, type: string): readonly DeployEvent[] {
  return run.events.filter(event => event.type === type)
}

/** The phases that a run went through. */
export function phasesOf(run: Deployment): readonly unknown[] {
  return eventsOf(run, 'phase-started').map(({ phase }) => phase)
}

/** The codes of its problems with the hosts or places they are about. */
export function problemsOf(run: Deployment): readonly string[] {
  return eventsOf(run, 'problem').map(event => {
    const { code, where } = fields(event['problem'])
    return `${where}: ${code}`
  })
}

/** What the run said last of each host: `live` and `outcome`, as its closing table has them. */
export function closingTable(run: Deployment): unknown {
  return fields(eventsOf(run, 'run-finished').at(-1))['hosts']
}

/** What the steps of a slot printed on one host, line by line. */
export function outputOf(run: Deployment, host: string, slot: string): readonly string[] {
  return eventsOf(run, 'output')
    .filter(event => event['host'] === host && String(event['step']).startsWith(`${slot}/`))
    .map(event => String(event['line']))
}

/** The variables that a step of a slot saw, which ran env(1). */
export function environmentIn(run: Deployment, host: string, slot: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    outputOf(run, host, slot).flatMap(line => {
      const at = line.indexOf('=')
      return at > 0 && /^\w+$/.test(line.slice(0, at)) ? [[line.slice(0, at), line.slice(at + 1)]] : []
    }),
  )
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
