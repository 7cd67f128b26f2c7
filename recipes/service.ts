import { defineRecipe, type Recipe } from 'stage-deploy'
import { argvOf, envOf } from './service/command.ts'
import { unitName } from './service/definition.ts'
import { serviceExpectations } from './service/expectations.ts'
import { serviceFacts } from './service/facts.ts'
import { claimOf, placeOf } from './service/listen.ts'
import { managers } from './service/managers.ts'
import type { ServiceOptions } from './service/options.ts'
import { serviceProblems } from './service/preflight.ts'
import { readSettings } from './service/settings.ts'
import { serviceSteps } from './service/steps.ts'

export type { ServiceOptions }

/**
 * Runs a program out of the live revision under a service manager of the host: writes its definition where that changed, restarts
 * it after the switch, and looks whether its process lives in the new revision. Everything of it is put back when the switch is.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function service(options: ServiceOptions): Recipe {
  const settings = readSettings(options)
  const manager = managers[settings.manager]
  return defineRecipe({
    name: `service-${settings.name}`,
    requires: manager.requires,
    facts: { manager: serviceFacts(settings) },
    claims: ({ stage, root }) => {
      const place = placeOf(settings.name, settings.listening, stage)
      // What cannot be told for this stage is a config error as well.
      argvOf(settings, stage)
      envOf(settings, stage)
      // Each account has units of its own, and each root one account.
      const whose = settings.manager === 'systemd-user' ? ` of ${root}` : ''
      const unit = `the unit ${unitName(settings, stage)}${whose}`
      return [unit, ...(place === undefined ? [] : [claimOf(place)])]
    },
    check: context => [
      ...manager.problems(context.facts.manager, settings),
      ...serviceProblems(settings, context),
    ],
    stageSteps: context => serviceSteps(settings, context),
    expect: context => serviceExpectations(settings, context),
  })
}
