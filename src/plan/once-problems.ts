import type { HostName, Slot } from '../model/names.ts'
import type { Problem } from '../model/problem.ts'
import type { Target } from '../model/target.ts'
import { refusal, warning } from './problems.ts'
import type { StepHost } from './step-host.ts'

/**
 * Steps of a slot that run once, on a host with a label, and find none: a migration is never skipped silently. No
 * selected host has the label: a reason not to start. One has it and takes no part, because the revision is live
 * (or stands) there already: the step was run for it, and that is said.
 */
export function onceProblems(
  target: Target,
  slot: Slot,
  hosts: readonly StepHost[],
  takingPart: readonly HostName[],
): readonly Problem[] {
  const titles = new Map<string, string>()
  for (const host of hosts.filter(({ name }) => takingPart.includes(name)))
    for (const { once, title } of host.sources.flatMap(({ steps }) => steps[slot] ?? []))
      if (typeof once === 'string') titles.set(once, title)
  return [...titles].flatMap(([label, title]) => {
    const labelled = target.hosts.filter(host => host.labels.includes(label)).map(host => host.name)
    if (labelled.some(name => takingPart.includes(name))) return []
    const step = `${slot}: "${title}" runs once, on a host with the label ${label}`
    if (labelled.length > 0) {
      const message = `${step}: not again on ${labelled.join(', ')}, which already has the revision`
      return [warning('once-already', target.stage, message)]
    }
    const hint = `select a host of ${target.stage} that has the label, or give it to one`
    return [refusal('once-without-host', target.stage, `${step}, and no selected host has it`, hint)]
  })
}
