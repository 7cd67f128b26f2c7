import { StageError } from '../model/stage-error.ts'

const BARE = /[A-Za-z0-9_./+@:,-]/
const LETTER = /[\p{L}\p{M}\p{N}]/u

/**
 * Writes one word so that every login shell reads the same: the POSIX shells, csh and tcsh, fish.
 *
 * Quotes do not do: inside single quotes csh still expands `!`, and fish takes `\\` for one backslash. A backslash
 * before a character, outside of quotes, means that very character in all of them, unless it is a letter
 * (fish: `\n`), and letters need none. A leading `~/` is left to the shell: it is the home of the account there.
 *
 * @throws StageError `config` for an empty word, one that an option could be taken for, and control characters
 */
export function loginShellWord(word: string): string {
  if (word === '' || word.startsWith('-') || /\p{C}/u.test(word))
    throw new StageError('config', `${JSON.stringify(word)} cannot be the name of a program on a host`, {
      hint: 'give `python` as a plain name or an absolute path',
    })
  const home = word.startsWith('~/') ? '~' : ''
  return home + Array.from(word.slice(home.length), escaped).join('')
}

function escaped(character: string): string {
  return BARE.test(character) || LETTER.test(character) ? character : `\\${character}`
}
