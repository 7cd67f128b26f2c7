import type { Builder } from '../model/builder.ts'
import type { Sha256, StageName } from '../model/names.ts'
import type { Target } from '../model/target.ts'
import type { PlanRequest } from './request.ts'

/**
 * The stages whose builds a run installs, in the order in which they are looked for: its own; those that it comes after
 * and those that its configuration names; and, where another stage is promoted, that one and what that one installs.
 */
export function buildingStages(
  { stage, builtBy }: Pick<Target, 'stage' | 'builtBy'>,
  { promotes }: Pick<PlanRequest, 'promotes'>,
): readonly StageName[] {
  const promoted = promotes === undefined ? [] : [promotes, ...(builtBy.get(promotes) ?? [])]
  return [...new Set([stage, ...(builtBy.get(stage) ?? []), ...promoted])]
}

/** Of what this machine kept, what this run may install. */
export function usable(
  target: Pick<Target, 'stage' | 'builtBy'>,
  request: Pick<PlanRequest, 'promotes' | 'kept'>,
): ReadonlyMap<Sha256, Builder> {
  const stages = buildingStages(target, request)
  return new Map([...request.kept].filter(([, { stage }]) => stages.includes(stage)))
}
