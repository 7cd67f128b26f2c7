/** What builds the sdist of any project, by PEP 517; it takes `build`, from PyPI. */
export const usualBuild: readonly string[] = ['python3', '-m', 'build', '--sdist']

/**
 * The command that builds the sdist of a project: that of uv where the project is uv's, by its lock file or its build backend.
 *
 * @param read the text of a file of the project; undefined where there is none
 */
export async function buildCommand(
  read: (file: string) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const isOfUv =
    (await read('uv.lock')) !== undefined ||
    /^\s*build-backend\s*=\s*["']uv_build["']/m.test((await read('pyproject.toml')) ?? '')
  return isOfUv ? ['uv', 'build', '--sdist'] : usualBuild
}
