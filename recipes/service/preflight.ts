import { headerOf, unitName } from './definition.ts'
import { managers } from './managers.ts'
import type { ServiceSettings } from './settings.ts'
import type { ServiceContext } from './steps.ts'

/** A definition of that name which was not written for this stage is somebody else's: nothing is written over it. */
export function foreignDefinitions(settings: ServiceSettings, context: ServiceContext): readonly string[] {
  const { facts, stage, paths } = context
  const { directory, file, comment } = managers[settings.manager]
  const path = `${directory(settings, facts.manager.home)}/${file(unitName(settings, stage))}`
  const found = facts.manager.definitions.get(path)
  if (found === undefined || found === `${comment}${headerOf(paths.root, stage)}`) return []
  return [`${path} was not written for ${paths.link}: move it away, or give the service another name`]
}
