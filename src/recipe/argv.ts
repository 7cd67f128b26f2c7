import { withoutCredentials } from '../shell/credentials.ts'
import { shownCommand } from '../shell/shown-command.ts'
import type { Place } from './place.ts'
import { isPlainObject, readList, unexpected } from './readers.ts'

/** A program and its arguments. No shell reads it: every character arrives as it is. */
export function readArgv(value: unknown, place: Place): readonly string[] {
  const argv = readList(value, place, 'a program and its arguments, as a list of texts', readArgument)
  const [program] = argv
  if (Array.isArray(value) && (program === undefined || program === ''))
    place.wrong(
      'empty-argv',
      'there is no program to run',
      "write it as a list: ['.env/bin/python', '-m', 'shop']",
    )
  return argv
}

/** One argument: any text without a NUL byte (execve(2) ends arguments there), the empty text included. */
export function readArgument(value: unknown, place: Place): string {
  if (isPlainObject(value) && 'secret' in value)
    place.wrong(
      'secret-in-argv',
      'a secret cannot be an argument: everybody on the host can read a process list',
      'give it to the step as a variable: env: { NAME: secret(…) }',
    )
  else if (typeof value !== 'string') unexpected(value, place, 'a text')
  else if (value.includes('\0'))
    place.wrong('nul', 'an argument with a NUL byte cannot be handed to a program')
  return typeof value === 'string' ? value : ''
}

const plainWord = /^(?:[\w@%+=:,./-]|\[hidden\])+$/

/** What a step is called when nobody named it: its words on one line, odd ones quoted for reading, not for a shell. */
export function titleOfArgv(argv: readonly string[]): string {
  return shortened(shownCommand(argv, word => (plainWord.test(word) ? word : JSON.stringify(word))))
}

/** At most 72 characters, so that a host's name and a time fit beside it on a line. */
export function shortened(text: string): string {
  const characters = Array.from(text)
  return characters.length <= 72 ? text : `${characters.slice(0, 71).join('')}…`
}

/** What a script is called when nobody named it: its first line that says something. */
export function titleOfScript(text: string): string {
  const lines = text.split('\n').map(line => line.trim())
  const telling = lines.find(line => line !== '' && !line.startsWith('#')) ?? 'script'
  return shortened(withoutCredentials(telling.replace(/\p{Cc}/gu, ' ')))
}
