import type { StageName } from '../model/names.ts'
import type { StepsBySlot } from '../model/recipe.ts'
import type { Step } from '../model/step.ts'
import type { Host } from '../model/target.ts'
import { suggestion } from '../recipe/closest.ts'
import type { Place } from '../recipe/place.ts'
import { spellsRevisionOf } from '../version/revision-identity.ts'
import type { ResolvedStage } from './resolved-config.ts'

/**
 * The same root of the same server under two names would be switched twice at the same time. The user does not
 * matter; no port is 22. (An alias of the SSH configuration is not seen through here: hosts know by their root's id.)
 *
 * @param place of the hosts
 */
export function noAddressTwice(hosts: readonly Host[], place: Place): void {
  const seen = new Map<string, string>()
  for (const host of hosts.filter(({ address }) => address !== '')) {
    const server = JSON.stringify([host.address.toLowerCase(), host.port ?? 22, host.root])
    const first = seen.get(server)
    if (first === undefined) seen.set(server, host.name)
    else
      place
        .at(host.name)
        .wrong('address-twice', `'${host.name}' and '${first}' are the same address, port and root`)
  }
}

/**
 * The link of a stage and the directory of a revision stand side by side in the root.
 *
 * @param place of the stages
 */
export function noStageIsARevision(project: string, stages: Iterable<StageName>, place: Place): void {
  for (const name of stages)
    if (spellsRevisionOf(project, name))
      place
        .at(name)
        .wrong(
          'stage-name',
          `'${name}' is also the name of a revision of ${project}`,
          'give the stage a name that does not end in a version',
        )
}

/**
 * A host in no stage is most likely one that was forgotten. Not said while a stage names hosts that do not exist:
 * then it is most likely the one that was meant.
 *
 * @param place of the hosts
 */
export function everyHostInAStage(
  hosts: readonly Host[],
  stages: readonly ResolvedStage[],
  place: Place,
): void {
  const known = new Set(hosts.map(host => host.name))
  if (stages.some(stage => stage.hosts.length === 0 || !stage.hosts.every(name => known.has(name)))) return
  const staged = new Set(stages.flatMap(stage => stage.hosts))
  for (const { name } of hosts)
    if (!staged.has(name))
      place
        .at(name)
        .wrong('host-in-no-stage', `the host '${name}' is in no stage`, 'add it to one, or remove it')
}

/**
 * A step that runs once, on a host with a label that no host has, could never run.
 *
 * @param place of the steps
 */
export function onceLabelsExist(steps: readonly Step[], hosts: readonly Host[], place: Place): void {
  const labels = labelsOf(hosts)
  for (const [index, { once }] of steps.entries())
    if (typeof once === 'string' && !labels.includes(once))
      place
        .at(index)
        .at('once')
        .wrong('unknown-label', `no host has the label '${once}'`, suggestion(once, labels, 'the labels are'))
}

/** The same for steps by slot. */
export function onceLabelsExistInSlots(slots: StepsBySlot, hosts: readonly Host[], place: Place): void {
  for (const [slot, steps] of Object.entries(slots)) onceLabelsExist(steps, hosts, place.at(slot))
}

/** Every label that a host has, each once. */
export function labelsOf(hosts: readonly Host[]): readonly string[] {
  return [...new Set(hosts.flatMap(host => host.labels))]
}

/**
 * A stage comes after another one, and in the end after one that comes after none: in a circle no revision could ever be
 * the first.
 *
 * @param place of the stages
 */
export function afterIsAnEarlierStage(stages: ReadonlyMap<string, ResolvedStage>, place: Place): void {
  for (const { name, after } of stages.values()) {
    if (after === undefined || after === '') continue
    const at = place.at(name).at('after')
    const circle = circleFrom(name, stages)
    if (after === name) at.wrong('after-itself', `the stage '${name}' cannot come after itself`)
    else if (!stages.has(after))
      at.wrong(
        'unknown-stage',
        `there is no stage '${after}'`,
        suggestion(after, others(stages, name), 'the others are'),
      )
    else if (circle !== undefined && [...stages.keys()].find(stage => circle.includes(stage)) === name)
      at.wrong('after-circle', `no stage of these is first: ${circle.join(' after ')}`)
  }
}

/**
 * A stage may install what other stages build: named are others that there are.
 *
 * @param place of the stages
 */
export function buildersAreOtherStages(stages: ReadonlyMap<string, ResolvedStage>, place: Place): void {
  for (const { name, builtBy } of stages.values())
    for (const [index, other] of builtBy.entries()) {
      const at = place.at(name).at('builtBy').at(index)
      if (other === '') continue
      if (other === name)
        at.wrong(
          'built-by-itself',
          `the stage '${name}' installs what its own hosts build anyway`,
          'leave it out',
        )
      else if (!stages.has(other))
        at.wrong(
          'unknown-stage',
          `there is no stage '${other}'`,
          suggestion(other, others(stages, name), 'the others are'),
        )
    }
}

const others = (stages: ReadonlyMap<string, ResolvedStage>, name: string): readonly string[] =>
  [...stages.keys()].filter(other => other !== name)

/** The stages from this one back to it; undefined: they end at one that comes after none. */
function circleFrom(name: string, stages: ReadonlyMap<string, ResolvedStage>): readonly string[] | undefined {
  const path = [name]
  for (;;) {
    const next = stages.get(path.at(-1) ?? '')?.after
    if (next === undefined) return undefined
    if (next === name) return [...path, name]
    if (path.includes(next)) return undefined
    path.push(next)
  }
}
