import {
  type ExecStep,
  exec,
  type RecipeContext,
  type StageContext,
  type StageStepsBySlot,
  type StepsBySlot,
} from 'stage-deploy'
import { hostProgram as pythonProgram } from '../python/host-program.ts'
import type { AccountFacts } from './facts.ts'
import { hostProgram } from './host-program.ts'
import { filledIn, type Place } from './placeholders.ts'
import { type StageSettings, type StagetoolsSettings, stageOf } from './settings.ts'
import { configurationOf, essential, expectedSystem, type System, systemName } from './system.ts'

interface Facts {
  readonly account: AccountFacts
}
export type StagetoolsContext = StageContext<Facts>

/** The name of one stage's system. */
export const nameOf = (settings: StagetoolsSettings, { name }: StageSettings, project: string): string =>
  systemName(settings.configuration ?? configurationOf(project), name)

/** What may stand in an expected text, for one stage on one host. */
export function placeIn(
  settings: StagetoolsSettings,
  stage: StageSettings,
  { revision, host, paths }: RecipeContext<Facts>,
): Place {
  const system = nameOf(settings, stage, revision.project)
  return { system, stage: stage.stage, host: host.name, root: paths.root, shared: paths.shared }
}

/** While a revision is built it is given the names of all stages, and it is verified under each of them. */
export function neutralSteps(settings: StagetoolsSettings, context: RecipeContext<Facts>): StepsBySlot {
  if (!context.builds) return {}
  const { stages, environment, imports, limit } = settings
  const { revision, paths } = context
  const names = [...new Set(stages.map(stage => nameOf(settings, stage, revision.project)))]
  const told = JSON.stringify({ environment, names })
  const title = `name ${environment} for its stages: ${names.join(', ')}`
  const compared = stages.map(stage => {
    const base = `${paths.revision}/${nameOf(settings, stage, revision.project)}`
    // What the account is, and what the configuration wants besides, rejects no revision: it is looked at before the switch.
    const { user, group, ...system } = systemAt(settings, stage, context, base)
    return compareStep(settings, stage, context, base, system)
  })
  const imported = names.map(name =>
    exec([`${name}/bin/python`, '-I', '-c', pythonProgram('installed'), 'imports', revision.project], {
      title: `import the packages, load the console scripts as ${name}`,
      ...limit,
    }),
  )
  return {
    'after:build': [exec(['@python', '-I', '-c', hostProgram('names'), told], { title, ...limit })],
    verify: [...compared, ...(imports ? imported : [])],
  }
}

/** Of one stage everything is compared: in the revision before the switch, and through the stage's link after it. */
export function stagedSteps(settings: StagetoolsSettings, context: StagetoolsContext): StageStepsBySlot {
  const stage = stageOf(settings, context.stage)
  const name = nameOf(settings, stage, context.revision.project)
  const place = placeIn(settings, stage, context)
  const wanted = Object.entries(stage.expect).map(([attribute, value]) => [
    attribute,
    typeof value === 'string' ? filledIn(value, place) : value,
  ])
  const compare = (base: string) => {
    const system = { ...systemAt(settings, stage, context, base), ...Object.fromEntries(wanted) }
    return compareStep(settings, stage, context, base, system)
  }
  return {
    'before:switch': [compare(`${context.paths.revision}/${name}`)],
    health: [compare(`${context.paths.link}/${name}`)],
  }
}

function systemAt(
  settings: StagetoolsSettings,
  stage: StageSettings,
  context: RecipeContext<Facts>,
  baseDir: string,
): System {
  const place = placeIn(settings, stage, context)
  const { account } = context.facts
  return expectedSystem({
    configuration: settings.configuration ?? configurationOf(context.revision.project),
    stageName: stage.name,
    class: stage.class,
    baseDir,
    user: filledIn(stage.user ?? account.user, place),
    group: filledIn(stage.group ?? account.group, place),
    coreRepo: settings.coreRepo,
    coreApp: settings.coreApp,
  })
}

function compareStep(
  { environment, system, coreRepo, coreApp, limit }: StagetoolsSettings,
  { stage, expect }: StageSettings,
  { revision }: RecipeContext<Facts>,
  base: string,
  expected: System,
): ExecStep {
  const name = base.slice(base.lastIndexOf('/') + 1)
  const needed = [...essential, ...Object.keys(expect)].filter(attribute => attribute in expected)
  const core = {
    ...(coreRepo === undefined ? {} : { core_repo: coreRepo }),
    ...(coreApp === undefined ? {} : { core_app: coreApp }),
  }
  const ask = { program: hostProgram('ask'), told: { system, core } }
  const told = JSON.stringify({ name, base, environment, ask, expected, needed })
  return exec(['@python', '-I', '-c', hostProgram('compare'), told], {
    title: `${revision.project} says that it is ${name} (${stage})`,
    ...limit,
  })
}
