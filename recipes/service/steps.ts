import { exec, type StageContext, type StageStepsBySlot, writeFile } from 'stage-deploy'
import type { Limit } from '../options/limits.ts'
import { type Definition, definitionOf } from './definition.ts'
import type { ServiceFacts } from './facts.ts'
import { hostStep } from './host-program.ts'
import { managers } from './managers.ts'
import type { ServiceSettings } from './settings.ts'

/** What the recipe knows of one host. */
export type ServiceContext = StageContext<{ readonly manager: ServiceFacts }>

/** A service where it stands: its definition, and the file that holds it. */
export interface Standing {
  readonly definition: Definition
  readonly file: string
  readonly directory: string
  readonly text: string
  readonly sudo: boolean
}

/** The service of one stage on one host. @throws StageError `config` */
export function standing(
  settings: ServiceSettings,
  where: { readonly project: string; readonly stage: string; readonly host: string; readonly root: string },
  facts: ServiceFacts,
): Standing {
  const manager = managers[settings.manager]
  const definition = definitionOf(settings, { ...where, deployUser: facts.user })
  const directory = manager.directory(settings, facts.home)
  return {
    definition,
    directory,
    file: `${directory}/${manager.file(definition.unit)}`,
    text: manager.text(definition),
    sudo: manager.needsRoot(settings),
  }
}

/** How long the service that was running before may take to come up when the switch is put back; its undo is given 30 s in all. */
const BACK_WITHIN_MS = 20_000

/** What such an undo has by itself. */
const BACK_MS = 30_000
/** The limit of a step that has none of its own. */
const USUAL_MS = 600_000

/** What the programs on the host are told. */
export function toldOf({ definition, file }: Standing, settings: ServiceSettings) {
  const { manager, supervisor, reload, startMs, withinMs, steadyMs } = settings
  const {
    unit,
    header,
    start: { link },
    environmentFile: variables,
    reader = null,
  } = definition
  const root = link.slice(0, link.lastIndexOf('/'))
  const config = manager === 'supervisor' ? supervisor.config : ''
  const said = { manager, config, unit, file, link, root, header, variables, reader }
  return { ...said, reload: reload ?? '', startMs, withinMs, steadyMs }
}

/**
 * Written beside its place first, so that the plan shows it; then one step puts it there and restarts. Undoing has the other
 * order (the file, then the restart), so it is one step too.
 */
export function serviceSteps(settings: ServiceSettings, context: ServiceContext): StageStepsBySlot {
  const { paths, revision, stage, host, facts } = context
  const where = { project: revision.project, stage, host: host.name, root: paths.root }
  const service = standing(settings, where, facts.manager)
  const told = toldOf(service, settings)
  const { sudo, file, directory, definition } = service
  const { unit } = definition
  // Its manager is spoken to several times, and starts it once.
  const limit: Limit = {
    timeout: `${Math.max(USUAL_MS, 2 * settings.startMs)}ms`,
    timeoutOption: 'service({ start })',
  }
  const make = exec(['mkdir', '-p', directory], { title: `make ${directory}`, undo: false, ...limit })
  // A host that has lost its runner gives an undo 30 s, whatever it asks for.
  const back: Limit = {
    timeout: settings.ownStart ? `${settings.startMs + BACK_MS}ms` : '30s',
    timeoutOption: limit.timeoutOption,
  }
  const text = service.text.replaceAll('{{', '\\{{')
  const left = exec(['rm', '-f', '--', `${file}.next`], {
    title: `remove ${file}.next, if it is there`,
    ...back,
    sudo,
  })
  const written = writeFile(`${file}.next`, text, {
    title: `write ${file}`,
    mode: '0644',
    undo: left,
    sudo,
    ...limit,
  })
  const toldBack = {
    ...told,
    withinMs: Math.min(settings.withinMs, BACK_WITHIN_MS),
    steadyMs: Math.min(settings.steadyMs, 1_000),
  }
  const undo = hostStep('put_back', toldBack, { title: `put ${unit} back, restart it`, sudo, ...back })
  const verb = settings.reload === undefined ? 'restart' : 'reload'
  const activate = hostStep('activate', told, {
    title: `${verb} ${unit}, with its definition where that changed`,
    sudo,
    undo,
    ...limit,
  })
  const health = hostStep('health', told, {
    title: `${unit} runs in ${revision.name}`,
    sudo,
    timeout: `${settings.withinMs + settings.steadyMs + 30_000}ms`,
    timeoutOption: 'service({ within })',
  })
  return {
    activate: [...(settings.manager === 'systemd-user' ? [make] : []), written, activate],
    health: [health],
  }
}
