import { defineRecipe, type Recipe } from 'stage-deploy'
import { keyProblems } from './django/key-problems.ts'
import { keyExpected, keysFact } from './django/keys.ts'
import type { DjangoOptions } from './django/options.ts'
import { revisionSteps } from './django/revision-steps.ts'
import { readSettings } from './django/settings.ts'
import { stageSteps } from './django/stage-steps.ts'

export type { DjangoOptions }

/**
 * What a Django project needs besides its environment: static files in each revision, `check --deploy` before its seal, one
 * SECRET_KEY for all hosts of a stage, and migrations once before the switch.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function django(options: DjangoOptions): Recipe {
  const settings = readSettings(options)
  return defineRecipe({
    name: 'django',
    facts: { keys: keysFact(settings.secretKey) },
    env: () => ({ DJANGO_SETTINGS_MODULE: settings.settings }),
    check: context => keyProblems(settings, context),
    steps: context => revisionSteps(settings, context),
    stageSteps: context => stageSteps(settings, context),
    expect: context => keyExpected(settings.secretKey, context),
  })
}
