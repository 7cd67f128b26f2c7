import { milliseconds } from 'stage-deploy'
import { refusedOptions } from '../options/refused-options.ts'
import { type Listening, listeningOf } from './listen.ts'
import type { Command, ManagerName, ReloadSignal, ServiceOptions } from './options.ts'
import { faultsOf } from './rules.ts'

/** Which program is started. */
export type Program =
  | {
      readonly kind: 'server'
      readonly server: 'gunicorn' | 'uvicorn' | 'hypercorn'
      readonly app: string
      readonly workers: number | undefined
      readonly args: readonly string[]
      readonly environment: string
    }
  | { readonly kind: 'command'; readonly argv: Command }

/** The options with their defaults. */
export interface ServiceSettings {
  readonly name: string
  readonly manager: ManagerName
  readonly program: Program
  readonly listening: Listening
  /** In the revision; undefined: by the program. */
  readonly directory: string | undefined
  /** Undefined: the deploy account. */
  readonly user: string | undefined
  readonly restart: 'on-failure' | 'always' | 'no'
  readonly env: Readonly<Record<string, string>>
  readonly reload: ReloadSignal | undefined
  readonly startMs: number
  /** Is that what the configuration says? Then the definition says it too. */
  readonly ownStart: boolean
  readonly withinMs: number
  readonly steadyMs: number
  readonly supervisor: { readonly config: string; readonly directory: string; readonly sudo: boolean }
}

/**
 * Fills in the defaults. A configuration in JSON or YAML has no compiler, so everything is looked at once more.
 *
 * @throws StageError `config` with everything that is wrong
 */
export function readSettings(options: ServiceOptions): ServiceSettings {
  const faults = faultsOf(options)
  if (faults.length > 0) throw refusedOptions('service', faults)
  const { supervisor = {} } = options
  return {
    name: options.name,
    manager: options.manager ?? 'systemd-user',
    program: programOf(options),
    listening: listeningOf(options.listen),
    directory: options.directory,
    user: options.user,
    restart: options.restart ?? 'on-failure',
    env: options.env ?? {},
    reload: options.reload,
    startMs: milliseconds(options.start ?? '2m'),
    ownStart: options.start !== undefined,
    withinMs: milliseconds(options.within ?? '30s'),
    steadyMs: milliseconds(options.steady ?? '3s'),
    supervisor: {
      config: supervisor.config ?? '/etc/supervisor/supervisord.conf',
      directory: supervisor.directory ?? '/etc/supervisor/conf.d',
      sudo: supervisor.sudo ?? true,
    },
  }
}

function programOf(options: ServiceOptions): Program {
  if (options.command !== undefined) return { kind: 'command', argv: options.command }
  const { server, app, workers, args = [], environment = '.env' } = options
  return { kind: 'server', server, app, workers, args, environment }
}
