import type { RunningDeployment } from '../../e2e/support/deploy.ts'

/** Settles when an event of this type was printed about each of these hosts, with `more` further on in its line. */
export async function toldOf(
  run: RunningDeployment,
  hosts: readonly string[],
  type: string,
  more = '',
): Promise<void> {
  const event = (name: string) => new RegExp(`"type":"${type}"[^\\n]*"host":"${name}"[^\\n]*${more}`)
  await Promise.all(hosts.map(name => run.printed(event(name))))
}

/** Settles when a step has printed this on each of these hosts. */
export async function printedOn(
  run: RunningDeployment,
  hosts: readonly string[],
  text: string,
): Promise<void> {
  await toldOf(run, hosts, 'output', text)
}
