/** Something that went wrong in a source file, and where, as far as that is known. Lines and columns count from 1. */
export interface SourceFault {
  readonly file: string
  readonly line: number | undefined
  readonly column: number | undefined
  readonly message: string
  readonly hint?: string | undefined
}

/**
 * The fault for a person: file, line and column as editors and terminals make a link of it, and the message. The line itself
 * is not shown. Where a quote is missing nobody can tell a password from the rest, and the output of CI is read by many.
 */
export function formatFault({ file, line, column, message }: SourceFault): string {
  const position = [file, line, line === undefined ? undefined : column].filter(part => part !== undefined)
  return `${position.join(':')}: ${message}`
}
