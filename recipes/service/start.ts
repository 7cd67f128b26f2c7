/**
 * How every manager starts a service: a shell that looks up the stage's link once, goes there, and becomes the program, which
 * so runs by the path of its revision and stays in it whatever the link names later. A Python started through the link would
 * import from the new revision whatever it had not imported before the switch.
 *
 * No manager does that by itself: systemd does go to what `WorkingDirectory=` leads to, but a program in it can only be
 * named by a path that goes through the link.
 *
 * @param before commands of the shell to run first, in the revision
 */
export function startArgv(
  link: string,
  argv: readonly string[],
  before: readonly string[] = [],
): readonly string[] {
  const [program = ''] = argv
  const inRevision = !program.startsWith('/') && program.includes('/')
  const script = [
    'cd -P -- "$0"',
    ...before,
    `export DEPLOY_PATH="$PWD" DEPLOY_REVISION="\${PWD##*/}" DEPLOY_VERSION="\${PWD##*-}"`,
    ...(inRevision ? ['program=$PWD/$1', 'shift', 'exec "$program" "$@"'] : ['exec "$@"']),
  ]
  return ['/bin/sh', '-c', script.join(' && '), link, ...argv]
}

/** What tells the service where it is, on every start the same. What differs from revision to revision the shell above tells it. */
export function identityOf(of: {
  readonly project: string
  readonly stage: string
  readonly host: string
  readonly root: string
}): Readonly<Record<string, string>> {
  const { project, stage, host, root } = of
  return {
    DEPLOY_PROJECT: project,
    DEPLOY_STAGE: stage,
    DEPLOY_HOST: host,
    DEPLOY_ROOT: root,
    DEPLOY_LINK: `${root}/${stage}`,
    DEPLOY_SHARED: `${root}/shared`,
  }
}

/** As for steps: what is installed in the environment runs, nothing of the account, and a sealed revision gets no byte code. */
export const pythonEnvironment: Readonly<Record<string, string>> = {
  PYTHONNOUSERSITE: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONSAFEPATH: '1',
}
