/** How a service of one stage is started. */
export interface Start {
  /** Of the stage; absolute. */
  readonly link: string
  /** A relative program stands in the revision. `{revision}` in its arguments is the revision's path. */
  readonly argv: readonly string[]
  /** Where it starts, relative to the revision; `.` is the revision. */
  readonly directory: string
}

/** In an argument, the path of the revision: known only when the service is started. */
export const REVISION = '{revision}'

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
  { link, argv, directory }: Start,
  before: readonly string[] = [],
): readonly string[] {
  const [program = '', ...args] = argv
  const inRevision = !program.startsWith('/') && program.includes('/')
  const { words, given } = wordsOf(args)
  const script = [
    'cd -P -- "$0"',
    ...before,
    `export DEPLOY_PATH="$PWD" DEPLOY_REVISION="\${PWD##*/}" DEPLOY_VERSION="\${PWD##*-}"`,
    inRevision ? 'program=$PWD/$2' : 'program=$2',
    // Not "$1" alone: a CDPATH in the variables of the stage would be searched for it.
    'cd -- "./$1"',
    'shift 2',
    `exec "$program" ${words}`.trimEnd(),
  ]
  return ['/bin/sh', '-c', script.join(' && '), link, directory, program, ...given]
}

/** Arguments as the shell writes them, and what it is given for that: of one with the revision's path the texts around it. */
function wordsOf(args: readonly string[]): { readonly words: string; readonly given: readonly string[] } {
  if (args.length === 0) return { words: '', given: [] }
  if (!args.some(arg => arg.includes(REVISION))) return { words: '"$@"', given: args }
  const given: string[] = []
  const words = args.map(arg => {
    const parts = arg.split(REVISION).map(part => `\${${given.push(part)}}`)
    return `"${parts.join('$DEPLOY_PATH')}"`
  })
  return { words: words.join(' '), given }
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
