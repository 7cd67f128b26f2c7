import { defineRecipe, type Recipe } from 'stage-deploy'
import { chooseInterpreter, interpretersFact, problemsOf } from './python/interpreters.ts'
import { type PythonOptions, readOptions } from './python/options.ts'
import { buildSteps, pipOf, verifySteps } from './python/steps.ts'

export type { PythonOptions }

/** Builds an environment of its own for every revision, from the sdist file, and verifies it. */
export function python<const Builder extends string = never>(
  options: PythonOptions<Builder> = {},
): Recipe<Recipe['facts'], Builder> {
  const settings = readOptions(options)
  return defineRecipe({
    name: 'python',
    builders: options.builder === undefined ? [] : [options.builder],
    reserves: [{ path: settings.environment, option: 'python({ environment })' }],
    facts: { interpreters: interpretersFact(settings) },
    check: context => (context.builds ? problemsOf(settings, context) : []),
    env: context => {
      const chosen = chooseInterpreter(settings, context)
      return chosen === undefined
        ? {}
        : // Python starts it out of its wheel. Where that was sent it is there until the seal.
          { DEPLOY_PIP: `${pipOf(settings, context.paths, chosen).wheel}/pip` }
    },
    steps: context => {
      const chosen = chooseInterpreter(settings, context)
      if (chosen === undefined || !context.builds) return {}
      return {
        build: buildSteps(settings, context, chosen),
        verify: verifySteps(settings, context, chosen),
      }
    },
  })
}
