import { headerOf, readerOf, unitName } from './definition.ts'
import { managers } from './managers.ts'
import type { ServiceSettings } from './settings.ts'
import type { ServiceContext } from './steps.ts'

/** Why a service cannot be what it is to be on this host, whatever its manager can do; each a sentence. */
export const serviceProblems = (settings: ServiceSettings, context: ServiceContext): readonly string[] => [
  ...foreignDefinitions(settings, context),
  ...unreadableVariables(settings, context),
]

/** A definition of that name which was not written for this stage is somebody else's: nothing is written over it. */
function foreignDefinitions(settings: ServiceSettings, context: ServiceContext): readonly string[] {
  const { facts, stage, paths } = context
  const { directory, file, comment } = managers[settings.manager]
  const { home, definitions, unlisted } = facts.manager
  const place = directory(settings, home)
  if (unlisted !== undefined)
    return [
      `${place} cannot be listed (${unlisted}), so whose definitions are there is unknown: let this account read it`,
    ]
  const path = `${place}/${file(unitName(settings, stage))}`
  const found = definitions.get(path)
  if (found === undefined || found === `${comment}${headerOf(paths.root, stage)}`) return []
  return [`${path} was not written for ${paths.link}: move it away, or give the service another name`]
}

/** Variables that cannot be read are never left out: the service would not start. A key that `django` writes is one for its own account. */
function unreadableVariables(
  settings: ServiceSettings,
  { facts, stage, paths }: ServiceContext,
): readonly string[] {
  const { user, readers } = facts.manager
  const reader = readerOf(settings, user)
  const only = readers.get(stage)
  if (only === undefined || reader === undefined || reader === only || reader === 'root') return []
  const another = reader === user ? '' : '; with the recipe django that needs secretKey: false'
  return [
    `${reader}, as whom ${unitName(settings, stage)} runs, cannot read ${paths.shared}/${stage}.env, which is for ${only} alone: chown it to ${reader}${another}`,
  ]
}
