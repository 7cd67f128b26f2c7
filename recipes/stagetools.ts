import { defineRecipe, type Recipe } from 'stage-deploy'
import { accountFact } from './stagetools/facts.ts'
import type { StagetoolsOptions } from './stagetools/options.ts'
import { accountProblems } from './stagetools/preflight.ts'
import { readSettings, stageOf } from './stagetools/settings.ts'
import { nameOf, neutralSteps, stagedSteps } from './stagetools/steps.ts'

export type { StagetoolsOptions }

/**
 * Gives every revision's environment a name for each stage, `shop_p -> .env`, from which an application built on stagetools reads which
 * system it is; and compares the system that it says it is with the one that is expected, before the switch and after it.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function stagetools(options: StagetoolsOptions): Recipe {
  const settings = readSettings(options)
  return defineRecipe({
    name: 'stagetools',
    facts: { account: accountFact() },
    claims: ({ project, stage }) => [`the system ${nameOf(settings, stageOf(settings, stage), project)}`],
    check: context => accountProblems(settings, context),
    steps: context => neutralSteps(settings, context),
    stageSteps: context => stagedSteps(settings, context),
  })
}
