/**
 * The directory of the environment that a program of a revision belongs to: `.env` of `.env/bin/gunicorn`; undefined: it is of
 * the host, or no program of an environment.
 *
 * Servers, `python -m` below Python 3.11 and others put their working directory first on the path of modules. Started in the
 * revision they would import the source tree instead of what was installed and verified; the directory of an environment has no
 * modules.
 */
export function environmentOf(program: string): string | undefined {
  return /^([^/].*)\/bin\/[^/]+$/.exec(program)?.[1]
}
