import type { Step } from '../model/step.ts'
import type { Host } from '../model/target.ts'
import { suggestion } from '../recipe/closest.ts'
import type { Place } from '../recipe/place.ts'
import type { ResolvedConfig } from './resolved-config.ts'
import { labelsOf } from './rules.ts'

type Configured = Pick<ResolvedConfig, 'hosts' | 'stages' | 'recipes' | 'hooks'>

/**
 * A builder is a host of every stage, or a label that a host of every stage has: a revision knows no stage, so all
 * stages build by the same recipes.
 *
 * @param place of the configuration
 */
export function buildersExist({ hosts, stages, recipes, hooks }: Configured, place: Place): void {
  const named = [
    ...recipes.flatMap(({ builders }, index) =>
      builders.map(builder => ({ builder, at: place.at('recipes').at(index) })),
    ),
    ...(hooks.build ?? []).flatMap((step, index) =>
      buildersOf(step).map(builder => ({
        builder,
        at: place.at('hooks').at('build').at(index).at('share').at('builder'),
      })),
    ),
  ]
  for (const { builder, at } of named) {
    if (!isAmong(builder, [...hosts.values()])) {
      unknownBuilder(builder, [...hosts.values()], at)
      continue
    }
    for (const { name, hosts: names } of stages.values()) {
      const own = names.flatMap(host => hosts.get(host) ?? [])
      if (own.length > 0 && !isAmong(builder, own)) missingInStage(builder, name, own, at)
    }
  }
}

const buildersOf = (step: Step): readonly string[] =>
  step.kind === 'exec' && step.share?.builder !== undefined ? [step.share.builder] : []

const isAmong = (builder: string, hosts: readonly Host[]): boolean =>
  hosts.some(({ name, labels }) => name === builder || labels.includes(builder))

function unknownBuilder(builder: string, hosts: readonly Host[], place: Place): void {
  const known = [...hosts.map(({ name }) => name), ...labelsOf(hosts)]
  const hint =
    builder === 'local'
      ? `this machine builds nothing: name a host or a label (${known.join(', ')})`
      : suggestion(builder, known, 'hosts and labels are')
  place.wrong('unknown-builder', `the builder '${builder}' is no host and no label`, hint)
}

function missingInStage(builder: string, stage: string, hosts: readonly Host[], place: Place): void {
  const names = hosts.map(({ name }) => name)
  const called = `no host that is called '${builder}' or has that label`
  const message = `the stage '${stage}' has ${called}, so nobody builds there`
  const hint = `let the builder be a label, and give it to one of ${names.join(', ')} too`
  place.wrong('unknown-builder', message, hint)
}
