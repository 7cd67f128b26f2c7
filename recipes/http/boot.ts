import { type BootProbeOptions, bootProbe, StageError, type StepsBySlot } from 'stage-deploy'
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
}

type Revision = Parameters<typeof naming>[1]

/**
 * The boot probe of a revision, in its slot.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function readBoot(options: BootOptions): (revision: Revision) => StepsBySlot {
  return within('boot', () => {
    checkOptions(options, [...probeKeys, 'argv', 'path', 'env', 'cwd', 'once', 'version', 'slot'])
    const { argv, version, slot = 'verify', ...expected } = options
    const steps = (revision: Revision): StepsBySlot => ({
      [slot]: [bootProbe(argv, naming(version, revision, expected))],
    })
    steps(aRevision)
    return steps
  })
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
