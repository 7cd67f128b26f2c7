import { type EnvValue, type ExecStep, exec, type StepOptions } from 'stage-deploy'
import { pythonArguments } from './host-program.ts'
import type { DjangoSettings } from './settings.ts'

interface Command extends StepOptions {
  readonly argv: readonly string[]
  /** STATIC_ROOT: absolute. */
  readonly staticRoot?: string
  /** Do they have to be remembered for an undo, or is it this undo? */
  readonly migrations?: 'apply' | 'undo'
  /** What else is said when it ends with something else than 0. */
  readonly advice?: string
}

const step = (
  { environment }: DjangoSettings,
  told: object,
  { argv, staticRoot, migrations, advice, ...options }: Command,
): ExecStep =>
  exec(
    [
      `${environment}/bin/python`,
      ...pythonArguments('manage', {
        ...{ argv, staticRoot: staticRoot ?? null, advice: advice ?? null, migrations: migrations ?? null },
        ...told,
      }),
    ],
    { title: argv.join(' '), ...options },
  )

/**
 * A command of Django on a revision that belongs to no stage yet: settings that want a secret key get one that nothing is
 * ever signed with.
 */
export const manageRevision = (settings: DjangoSettings, command: Command): ExecStep =>
  step(settings, { stage: false, throwAway: settings.secretKey ?? null }, command)

/** A command of Django with the variables of the stage. @param key the secret key: given, so that no output shows it */
export const manageStage = (
  settings: DjangoSettings,
  key: Readonly<Record<string, EnvValue>>,
  command: Command,
): ExecStep => step(settings, { stage: true, throwAway: null }, { ...command, env: key })
