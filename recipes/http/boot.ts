import { type BootProbeOptions, bootProbe, StageError, type StepsBySlot } from 'stage-deploy'
import { environmentOf } from '../environment/environment-of.ts'
import { readVariables } from '../stage-file/read-variables.ts'
import { checkOptions, probeKeys } from './option-faults.ts'
import { aRevision, naming, type VersionCheck } from './version-check.ts'

/** How the new revision is started beside the live one, and what it is asked there. */
export interface BootOptions extends BootProbeOptions {
  /** A program that stays in the foreground; `{port}` or `{socket}` in it, or in `env`, says where to listen. */
  readonly argv: readonly string[]
  /** What answers has to say which revision it is. */
  readonly version?: VersionCheck
  /**
   * `'verify'` (default): once for each revision, without a stage; one that does not start is rejected.
   * `'before:switch'`: on each deploy and promotion, with the variables of the stage; a failure rejects nothing.
   */
  readonly slot?: 'verify' | 'before:switch'
  /**
   * With what stands in `{root}/shared/{stage}.env`, as the services of the stage have it. Only in `'before:switch'`: before that
   * there is no stage.
   */
  readonly environmentFile?: boolean
}

/** What comes after it is run with the variables of the stage, in the place of the shell. */
const withVariables = ['/bin/sh', '-eu', '-c', `${readVariables} && exec "$@"`, 'boot']

type Revision = Parameters<typeof naming>[1]

/**
 * The boot probe of a revision, in its slot.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function readBoot(options: BootOptions): (revision: Revision) => StepsBySlot {
  return within('boot', () => {
    checkOptions(options, [
      ...probeKeys,
      'argv',
      'path',
      'env',
      'cwd',
      'once',
      'version',
      'slot',
      'environmentFile',
    ])
    const { argv, version, slot = 'verify', environmentFile = false, ...expected } = options
    const steps = (revision: Revision): StepsBySlot => {
      const asked = naming(version, revision, {
        ...expected,
        timeoutOption: 'http({ boot: { timeout } })',
      })
      const { title } = bootProbe(argv, asked)
      const { cwd, program } = startOf(argv, options.cwd)
      const words = environmentFile ? [...withVariables, ...program] : program
      return { [slot]: [bootProbe(words, { ...asked, title, ...(cwd === undefined ? {} : { cwd }) })] }
    }
    steps(aRevision)
    return steps
  })
}

/** As a service is started: a program of an environment in the environment's directory, unless the option says where. */
function startOf(argv: readonly string[], cwd: string | undefined) {
  const [program = '', ...args] = argv
  const environment = cwd === undefined ? environmentOf(program) : undefined
  if (environment === undefined) return { cwd, program: argv }
  return { cwd: environment, program: [program.slice(environment.length + 1), ...args] }
}

/** What is wrong below a key is said with the key. */
function within<Value>(key: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    const problems = error.problems.map(problem => ({
      ...problem,
      where: `${key}${/^(?:\[|$)/.test(problem.where) ? '' : '.'}${problem.where}`,
    }))
    throw new StageError(error.code, `${key}: ${error.message}`, { problems, cause: error })
  }
}
