import { hasUserInfo, isSpecifier, type Secret } from 'stage-deploy'
import { type Limit, type Limits, limitOf, limitsRule } from '../options/limits.ts'
import { refusedOptions } from '../options/refused-options.ts'
import { faultsAlone, isInside, isText, type Rule, rule } from '../options/rules.ts'

/** What of a build and its verification has a limit of its own. */
type Limited = 'build' | 'install' | 'verify'

/** How Python projects are built and verified. Every option has a default. */
export interface PythonOptions<Builder extends string = string> {
  /**
   * `'auto'`: the highest X.Y that every host has, found by running it, and that `requires` and the sdist's own
   * Requires-Python allow; or one X.Y, as `'3.11'`; or the absolute path of an interpreter.
   */
  readonly interpreter?: 'auto' | `${number}.${number}` | `/${string}`
  /** A PEP 440 specifier for the Python, on top of the sdist's own: `'>=3.9'`. */
  readonly requires?: string
  /** The environment's directory inside the revision. Default: `.env`. */
  readonly environment?: string
  /**
   * `'per-platform'`: hosts on which the same wheels can be installed share one build, the first of them by name builds,
   * all others need neither a compiler nor the index. `'per-host'`: each for itself.
   */
  readonly build?: 'per-platform' | 'per-host'
  /**
   * The host that builds for the others of its platform, or a label: the first by name that has it. Every stage needs
   * such a host. Default: of each platform the first host by name.
   */
  readonly builder?: Builder
  /**
   * How long building wheels (`'30m'`), making and filling the environment (`'10m'`) and each step of the verification
   * (`'10m'`) may take: one limit for all, or some of them.
   */
  readonly timeout?: Limits<Limited>
  /** A lock file inside the sdist; hashes are enforced when it has them. The project's own requirements are not resolved then. */
  readonly requirements?: string
  /**
   * The index for the build only; one with a user or a password is a secret. More of them stand in `env` of the
   * configuration: `{ PIP_EXTRA_INDEX_URL: secret('EXTRA') }`. No user and no password of them is in a process list.
   */
  readonly index?: string | Secret
  readonly extras?: readonly string[]
  /** More arguments for pip while it builds, without users and passwords. Its settings on the host are not read. */
  readonly pipArgs?: readonly string[]
  /**
   * A pip wheel of this machine, sent to the hosts that have none (Debian without `python3-venv`): its path, from the
   * configuration's directory where it is not absolute.
   */
  readonly pip?: string
  /** Narrows what is verified unasked. */
  readonly check?: { readonly compile?: boolean; readonly imports?: boolean }
}

/** The options with their defaults. */
export interface PythonSettings {
  readonly interpreter: string
  readonly requires: string | undefined
  readonly environment: string
  readonly build: 'per-platform' | 'per-host'
  readonly builder: string | undefined
  readonly limits: Readonly<Record<Limited, Limit>>
  readonly requirements: string | undefined
  readonly index: string | Secret | undefined
  readonly extras: readonly string[]
  readonly pipArgs: readonly string[]
  readonly pip: string | undefined
  readonly check: { readonly compile: boolean; readonly imports: boolean }
}

const isList = (value: unknown, fits: (item: unknown) => boolean) => Array.isArray(value) && value.every(fits)

/** The name of an extra (PEP 508, "Names"). */
const extraName = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i

const isSecret = (value: unknown) =>
  typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string'

/** PEP 427, "File name convention": its version names the directory into which hosts unpack it. */
const pipWheelName = /^(?:.*\/)?pip-[A-Za-z0-9_.!+]+-py3-none-any\.whl$/

function isCheck(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).every(
    ([key, on]) => ['compile', 'imports'].includes(key) && (on === undefined || typeof on === 'boolean'),
  )
}

const rules: Readonly<Record<keyof PythonOptions, Rule>> = {
  interpreter: rule(
    value => isText(value) && /^(?:auto|\d+\.\d+|\/.+)$/.test(value),
    "'auto', an X.Y as a text ('3.10'), or an absolute path",
  ),
  requires: rule(value => isText(value) && isSpecifier(value), "a PEP 440 specifier such as '>=3.9'"),
  environment: rule(isInside, 'a directory inside the revision'),
  build: rule(value => value === 'per-platform' || value === 'per-host', "'per-platform' or 'per-host'"),
  builder: rule(value => isText(value) && value !== '', 'the name of a host, or a label'),
  timeout: limitsRule(['build', 'install', 'verify']),
  requirements: rule(isInside, 'a file inside the sdist'),
  index: rule(
    value => isSecret(value) || (isText(value) && value !== '' && !hasUserInfo(value)),
    "a URL; one with a user or a password as secret('NAME')",
  ),
  extras: rule(
    value => isList(value, item => isText(item) && extraName.test(item)),
    'a list of names of extras',
  ),
  pipArgs: rule(
    value => isList(value, item => isText(item) && !hasUserInfo(item)),
    'a list of texts, none a secret or with a user or a password, which every process list would show: those ' +
      "belong to `index: secret('INDEX')`, or to env: { PIP_EXTRA_INDEX_URL: secret('EXTRA') } of the configuration, " +
      'where PIP_FIND_LINKS and PIP_PROXY can stand too',
  ),
  pip: rule(
    value => isText(value) && pipWheelName.test(value),
    'the path of a wheel of pip as an index has it: pip-24.0-py3-none-any.whl',
  ),
  check: rule(isCheck, '{ compile: true or false, imports: true or false }'),
}

/**
 * Fills in the defaults. A configuration in JSON or YAML has no compiler, so everything is looked at once more.
 *
 * @throws StageError `config` with everything that is wrong
 */
export function readOptions(options: PythonOptions): PythonSettings {
  const alone = faultsAlone({ ...options }, rules)
  const idle = {
    key: 'builder',
    message: "build is 'per-host': each host builds for itself, and nobody for another",
  }
  const isIdle = options.build === 'per-host' && options.builder !== undefined
  const faults = isIdle ? [...alone, idle] : alone
  if (faults.length > 0) throw refusedOptions('python', faults)
  const { check, timeout } = options
  return {
    interpreter: options.interpreter ?? 'auto',
    requires: options.requires,
    environment: options.environment ?? '.env',
    build: options.build ?? 'per-platform',
    builder: options.builder,
    limits: {
      build: limitOf('python', timeout, 'build', '30m'),
      install: limitOf('python', timeout, 'install', '10m'),
      verify: limitOf('python', timeout, 'verify', '10m'),
    },
    requirements: options.requirements,
    index: options.index,
    extras: options.extras ?? [],
    pipArgs: options.pipArgs ?? [],
    pip: options.pip,
    check: { compile: check?.compile ?? true, imports: check?.imports ?? true },
  }
}
