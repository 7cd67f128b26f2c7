/** What is asked about one command. */
interface SudoQuestion {
  readonly argv: readonly string[]
  readonly question: { readonly id: string; readonly argv: string[]; readonly timeoutMs: number }
}

/** A sudo that asks a directory server may think for a while. */
const TIMEOUT_MS = 30_000

/**
 * How sudo(8) is asked whether it would run a command, without running it: `-l`, whose exit status tells. Whether it
 * wants a password for it and takes variables is not told by that, so the command `true` is run.
 * PYTHONNOUSERSITE is a variable that every program of a host has, and that sudo lets through only where it lets all through.
 */
export function sudoQuestions(commands: readonly (readonly string[])[]): readonly SudoQuestion[] {
  return commands.map((argv, index) => ({
    argv,
    question: { id: `sudo/${index}`, argv: questionOf(argv), timeoutMs: TIMEOUT_MS },
  }))
}

function questionOf(argv: readonly string[]): string[] {
  const runs = argv.length === 1 && argv[0] === 'true'
  return ['sudo', '-n', ...(runs ? ['--preserve-env=PYTHONNOUSERSITE'] : ['-l']), '--', ...argv]
}
