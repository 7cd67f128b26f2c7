import { type EnvValue, type ExecStep, exec, type StageContext, type StageStepsBySlot } from 'stage-deploy'
import { pythonArguments } from './host-program.ts'
import { type DjangoFacts, keyOfStage } from './keys.ts'
import { manageStage } from './manage.ts'
import type { DjangoSettings } from './settings.ts'

type Key = Readonly<Record<string, EnvValue>>

/**
 * What a stage needs before its link is switched: its secret key on every host, then its database as the new revision wants
 * it. A rollback migrates nothing: the way there is a new version.
 *
 * Always the same steps in the same order: what was undone of them is found by its number when a split is mended forward.
 */
export function stageSteps(settings: DjangoSettings, context: StageContext<DjangoFacts>): StageStepsBySlot {
  if (context.intent === 'rollback') return {}
  const { secretKey } = settings
  const key = secretKey === undefined ? {} : { [secretKey]: keyOfStage(secretKey, context) }
  return {
    'before:switch': [
      ...(secretKey === undefined ? [] : [keepKey(settings, secretKey, key, context)]),
      ...migrate(settings, key),
    ],
  }
}

/** Writes the key where there is none, and looks that it is the same where there is one. It outlives a put back. */
const keepKey = (
  { limits }: DjangoSettings,
  variable: string,
  key: Key,
  { stage }: StageContext<DjangoFacts>,
): ExecStep =>
  exec(['@python', ...pythonArguments('keep_key', { variable })], {
    title: `keep one ${variable} in shared/${stage}.env`,
    env: key,
    undo: false,
    ...limits.key,
  })

function migrate(settings: DjangoSettings, key: Key): readonly ExecStep[] {
  const { migrations } = settings
  if (migrations.kind === 'none') return []
  const { once } = migrations
  const show = manageStage(settings, key, {
    title: 'show migrations that are not applied',
    argv: ['migrate', '--plan'],
    once,
    undo: false,
    ...settings.limits.check,
  })
  return [
    show,
    migrations.kind === 'refused' ? refuse(settings, key, once) : apply(settings, key, migrations),
  ]
}

const refuse = (settings: DjangoSettings, key: Key, once: true | string): ExecStep =>
  manageStage(settings, key, {
    argv: ['migrate', '--check'],
    advice:
      'migrations are not applied: apply them, and deploy again; with migrate: true a deploy applies them',
    once,
    undo: false,
    ...settings.limits.check,
  })

function apply(
  settings: DjangoSettings,
  key: Key,
  { once, undo }: Extract<DjangoSettings['migrations'], { readonly kind: 'applied' }>,
): ExecStep {
  const command = { argv: ['migrate', '--noinput'], once, ...settings.limits.migrate }
  if (undo === undefined) return manageStage(settings, key, { ...command, undo: false })
  // It is run whenever a switch is put back, also by a run that had nothing to apply: the host knows which it was.
  const back = manageStage(settings, key, { argv: undo, migrations: 'undo', ...settings.limits.migrate })
  return manageStage(settings, key, { ...command, migrations: 'apply', undo: back })
}
