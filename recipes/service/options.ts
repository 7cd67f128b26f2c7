import type { Duration } from 'stage-deploy'

/** Who starts a service, and starts it again: its configuration and its commands are all that differs. */
export type ManagerName = 'systemd' | 'systemd-user' | 'supervisor'

/** Where a service listens: a port of 127.0.0.1, an address with a port, or the path of a Unix socket, in which `{stage}` may stand. */
export type Listen = number | `${string}:${number}` | `[${string}]:${number}` | `/${string}`

/** The same for every stage, or each stage's own. */
export type PerStage<Value> = Value | Readonly<Record<string, Value>>

/** A program and its arguments, of all stages or each stage's own. */
export type Command = PerStage<readonly string[]>

/** A signal that makes a program take up another revision by itself. */
export type ReloadSignal = 'HUP' | 'USR1' | 'USR2'

interface CommonOptions {
  /** Its unit is `{name}-{stage}.service`. Lower-case letters, digits and `-`. */
  readonly name: string
  /** When it is started again after it ended by itself. Default: `on-failure`. */
  readonly restart?: 'on-failure' | 'always' | 'no'
  /**
   * Where it starts, in the revision: `'.'`, `'src'`. By default a program of an environment starts in the environment's directory,
   * so that it imports what was installed and verified, and not the source tree; any other starts in the revision.
   */
  readonly directory?: string
  /** Variables of the service, for everybody to read. What is secret belongs into `{root}/shared/{stage}.env`. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * Sent to the running service instead of restarting it. Only for programs that look up `DEPLOY_LINK` again when they get it:
   * that the process lives in the new revision is checked all the same.
   */
  readonly reload?: ReloadSignal
  /**
   * How long its manager may take to start it, and systemd with `Type=notify` may wait until it serves
   * (`TimeoutStartSec=`). Default: 2 minutes, and what the manager has by itself.
   */
  readonly start?: Duration
  /** How long it may take until the service runs in the new revision. Default: 30 seconds. */
  readonly within?: Duration
  /** How long the same process has to stay up then. Default: 3 seconds. */
  readonly steady?: Duration
}

/** One of the usual servers of Python applications, out of the revision's own environment. */
interface ServerOptions {
  readonly server: 'gunicorn' | 'uvicorn' | 'hypercorn'
  /** `module:object`: `shop.wsgi:application`. */
  readonly app: string
  readonly listen: PerStage<Listen>
  /** Default: the server's own. */
  readonly workers?: number
  /** More arguments for the server. `{revision}` in them is the path of the revision. */
  readonly args?: readonly string[]
  /** The environment's directory in the revision. Default: `.env`. */
  readonly environment?: string
  readonly command?: never
}

/** Any program that stays in the foreground. */
interface CommandOptions {
  /**
   * A program and its arguments; one with a slash in it, not first, stands in the revision. `{port}`, `{address}`, `{socket}`, `{stage}`
   * and, in arguments, `{revision}` (its path) are filled in. Or one for each stage.
   */
  readonly command: Command
  readonly listen?: PerStage<Listen>
  readonly server?: never
  readonly app?: never
  readonly workers?: never
  readonly args?: never
  readonly environment?: never
}

/** A user unit of the deploy account: no root needed, but lingering has to be on. */
interface UserUnit {
  readonly manager?: 'systemd-user'
  readonly user?: never
  readonly supervisor?: never
}

/** A system unit: written and started by sudo. */
interface SystemUnit {
  readonly manager: 'systemd'
  /** Whom it runs as. Default: the deploy account. */
  readonly user?: string
  readonly supervisor?: never
}

/** A program of supervisord. */
interface SupervisedProgram {
  readonly manager: 'supervisor'
  /** Whom it runs as, where supervisord is root's. Default: the deploy account then. */
  readonly user?: string
  readonly supervisor?: SupervisorOptions
}

/** Which supervisord; by default the one that Debian's package starts, which is root's. */
export interface SupervisorOptions {
  /** Its configuration. Default: `/etc/supervisor/supervisord.conf`. */
  readonly config?: `/${string}`
  /** From where it includes `*.conf`. Default: `/etc/supervisor/conf.d`. */
  readonly directory?: `/${string}`
  /** Does it take root to speak to it? Default: true. */
  readonly sudo?: boolean
}

/** A service of every stage, out of the live revision. */
export type ServiceOptions = CommonOptions &
  (ServerOptions | CommandOptions) &
  (UserUnit | SystemUnit | SupervisedProgram)
