import type { WriteFileStep } from '../model/step.ts'
import { shortened } from './argv.ts'
import type { Place } from './place.ts'
import { type ReadUndo, readOptions } from './read-options.ts'
import { readFlag, readText, unexpected } from './readers.ts'
import { type StepOptions, stepOptionKeys } from './step-options.ts'
import { parseTemplate } from './template.ts'

/** What the writing of a file may say about itself and about the file. */
export interface WriteFileOptions extends StepOptions {
  /** Permission bits, octal. Default: `'0644'`, and `'0600'` with a secret in it. */
  readonly mode?: `0${number}`
  /** As root, through sudo without a password. */
  readonly sudo?: boolean
}

export const writeFileKeys = [...stepOptionKeys, 'mode', 'sudo'] as const
type Fields = Readonly<Partial<Record<(typeof writeFileKeys)[number], unknown>>>

/** A file to be written on the host. Its template is parsed here and rendered where the variables are known. */
export function readWriteFile(
  written: { readonly path: unknown; readonly text: unknown },
  places: { readonly path: Place; readonly text: Place },
  { mode, sudo = false, ...options }: Fields,
  place: Place,
  readUndo: ReadUndo,
): WriteFileStep {
  const path = readText(written.path, places.path, 'the path of a file')
  if (path.endsWith('/')) unexpected(path, places.path, 'the path of a file, not of a directory')
  const text = readContent(written.text, places.text)
  for (const [template, at] of [[path, places.path] as const, [text, places.text] as const])
    for (const fault of parseTemplate(template).faults)
      at.wrong('template', fault, 'a placeholder is {{ NAME }}; two braces that mean nothing are \\{{')
  return {
    kind: 'write-file',
    path,
    text,
    mode: mode === undefined ? undefined : readMode(mode, place.at('mode')),
    sudo: readFlag(sudo, place.at('sudo')),
    ...readOptions(options, place, { title: shortened(`write ${path.replace(/\p{Cc}/gu, ' ')}`) }, readUndo),
  }
}

/**
 * As much of a text as a message may take, and with it the undo of some such steps: what a host is asked for is one frame of 1 MiB, in which
 * JSON may take six bytes for a character.
 */
const LONGEST_BYTES = 128 * 1024

/** It may be empty, and hold anything that a file in UTF-8 can. */
function readContent(value: unknown, place: Place): string {
  if (typeof value !== 'string') {
    unexpected(value, place, 'the text of the file')
    return ''
  }
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes > LONGEST_BYTES)
    place.wrong(
      'too-large',
      `its text takes ${bytes} bytes, and may take ${LONGEST_BYTES}`,
      'ship a file that is so large in the sdist',
    )
  // Half of a character, such as a cut emoji.
  if (/\p{Surrogate}/u.test(value))
    place.wrong('not-text', 'its text has half of a character in it, which no file in UTF-8 can hold')
  return value
}

/** chmod(2), without the bits that give a program its owner's rights. */
function readMode(value: unknown, place: Place): number {
  if (typeof value === 'string' && /^0[0-7]{3}$/.test(value)) return Number.parseInt(value, 8)
  unexpected(value, place, "permission bits in octal, as a text: '0644'")
  return 0o600
}
