import { StageError } from '../model/stage-error.ts'
import { described, isPlainObject } from './readers.ts'
import { ShellReader } from './shell-context.ts'

/** A script for `/bin/sh` and the values it was written with, apart: the text refers to them as `$1`, `$2`, … */
export interface ShellScript {
  readonly text: string
  readonly values: readonly string[]
}

/**
 * Writes a shell script with values in it: `` sh`tail -n 50 ${file}` ``. A value becomes a positional parameter in
 * its own double quotes and never a part of the text, so it arrives as one argument, whatever characters it has.
 * The text is POSIX shell; as in every template literal a backslash is written twice, and `${` of the shell as `\${`.
 *
 * @throws StageError `config` where a shell would not hand the value on unchanged: in single quotes, in `$((…))`
 */
export function sh(pieces: TemplateStringsArray, ...values: readonly (string | number)[]): ShellScript {
  const reader = new ShellReader()
  const [first, ...rest] = pieces.map(pieceText)
  let text = first ?? ''
  reader.read(text)
  for (const [index, piece] of rest.entries()) {
    text += parameter(reader, index + 1) + piece
    reader.value()
    reader.read(piece)
  }
  return { text, values: values.map(valueText) }
}

function parameter(reader: ShellReader, number: number): string {
  const context = reader.context()
  switch (context.kind) {
    case 'bare':
      return number < 10 ? `"$${number}"` : `"\${${number}}"`
    case 'quoted':
      return `\${${number}}`
    case 'refused':
      throw new StageError('config', `sh: value ${number} stands ${context.why}`)
  }
}

function pieceText(piece: string | undefined, index: number): string {
  if (piece === undefined)
    throw new StageError(
      'config',
      `sh: piece ${index + 1} of the text has an escape that JavaScript does not know`,
      {
        hint: 'write a backslash of the shell as \\\\',
      },
    )
  if (piece.includes('\0')) throw new StageError('config', 'sh: the text has a NUL byte')
  return piece
}

function valueText(value: unknown, index: number): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'string' && !value.includes('\0')) return value
  const found = typeof value === 'string' ? 'a text with a NUL byte' : described(value)
  const hint = 'a secret is given to the step as a variable: script(sh`…`, { env: { NAME: secret(…) } })'
  const details = isPlainObject(value) ? { hint } : {}
  throw new StageError(
    'config',
    `sh: value ${index + 1}: expected a text or a number, found ${found}`,
    details,
  )
}
