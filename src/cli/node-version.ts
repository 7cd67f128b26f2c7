import satisfies from 'semver/functions/satisfies.js'
import { StageError } from '../model/stage-error.ts'

/**
 * npm only warns when a package does not support the Node.js that it is installed for; what fails later fails in the
 * middle of something.
 *
 * @throws StageError `usage` when this Node.js is not in the range
 */
export function checkNodeVersion(version: string, range: string): void {
  if (satisfies(version, range)) return
  throw new StageError('usage', `stage-deploy needs Node.js ${range}, this is ${version}`, {
    hint: 'install a newer Node.js and run the command with it',
  })
}
