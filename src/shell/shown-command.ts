import { HIDDEN, isPasswordName, withoutCredentials } from './credentials.ts'

const isOption = (word: string): boolean => /^--?[\w-]+$/.test(word)

/** An option whose value is a user, and behind a colon a password: of curl and those who do as it does. */
const takesUser = /^(?:-u|-U|--(?:proxy-)?user)$/

/**
 * A command as people are shown it in a title, a plan, a message or a journal: what stands in the place of a password is
 * hidden. This is the one way from a command to a text that somebody reads; what runs is never made of it.
 *
 * @param written how one word is written; left out: as it is
 */
export function shownCommand(argv: readonly string[], written = (word: string) => word): string {
  return shownWords(argv).map(written).join(' ')
}

/** The same, word by word: for plans as data. */
export function shownWords(argv: readonly string[]): readonly string[] {
  return argv.map((word, index) => {
    const before = argv[index - 1] ?? ''
    if (isOption(before) && isPasswordName(before) && !isOption(word)) return HIDDEN
    if (takesUser.test(before)) return word.replace(/:.+$/s, `:${HIDDEN}`)
    return withoutCredentials(word)
  })
}
