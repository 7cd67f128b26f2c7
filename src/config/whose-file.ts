import { foreignFault, type Looks } from '../artifact/whose-path.ts'
import { StageError } from '../model/stage-error.ts'

/**
 * Why a configuration that was found, not named, is refused: somebody else could have put or changed it, and it decides
 * which programs run as whoever deploys. Undefined: it is trusted.
 */
export async function distrust(
  file: string,
  trusted: ReadonlySet<number>,
  looks?: Looks,
): Promise<StageError | undefined> {
  const fault = await foreignFault(file, trusted, looks)
  if (fault === undefined) return undefined
  return new StageError('config', `${file} was found, and is not used: ${fault}`, {
    hint: `what it says would run as you: read it, and if you trust it, name it: --config ${file}`,
  })
}
