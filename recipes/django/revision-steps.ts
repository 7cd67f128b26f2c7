import type { RecipeContext, StepsBySlot } from 'stage-deploy'
import { manageRevision } from './manage.ts'
import type { DjangoSettings } from './settings.ts'

/**
 * What makes and verifies a revision: static files in it, after whatever builds its environment, and Django's own checks.
 * A revision that stands has both behind it.
 */
export function revisionSteps(
  settings: DjangoSettings,
  { builds, paths }: Pick<RecipeContext<unknown>, 'builds' | 'paths'>,
): StepsBySlot {
  if (!builds) return {}
  const { static: directory, failLevel, limits } = settings
  const collect =
    directory === undefined
      ? []
      : [
          manageRevision(settings, {
            title: `collectstatic into ${directory}`,
            argv: ['collectstatic', '--noinput'],
            staticRoot: `${paths.revision}/${directory}`,
            ...limits.static,
          }),
        ]
  const check =
    failLevel === undefined
      ? []
      : [
          manageRevision(settings, {
            argv: ['check', '--deploy', '--fail-level', failLevel],
            ...limits.check,
          }),
        ]
  return { 'after:build': collect, verify: check }
}
