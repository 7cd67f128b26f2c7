import { withoutCredentials } from '../shell/credentials.ts'

/** Something that went wrong in a source file, and where, as far as that is known. Lines and columns count from 1. */
export interface SourceFault {
  readonly file: string
  readonly line: number | undefined
  readonly column: number | undefined
  readonly message: string
}

/**
 * The fault for a person: file, line and column as editors and terminals make a link of it, the message, the line. A
 * password that stands in one of them is hidden: the output of CI is read by many.
 *
 * @param source the text of the file; undefined when it cannot be read
 */
export function formatFault(fault: SourceFault, source: string | undefined): string {
  const { file, line, column, message } = fault
  const text = line === undefined ? undefined : source?.split('\n')[line - 1]
  if (line === undefined || text === undefined) return `${file}: ${withoutCredentials(message)}`
  const shown = withoutCredentials(text)
  const number = `  ${line} | `
  // The file may be another one by now than that which ran; where a password was hidden, columns are others.
  const exact = column !== undefined && column <= text.length + 1 && shown === text ? column : undefined
  const caret = exact === undefined ? [] : [`${' '.repeat(number.length - 2)}| ${leading(text, exact)}^`]
  const position = [file, line, ...(exact === undefined ? [] : [exact])].join(':')
  return [`${position}: ${withoutCredentials(message)}`, '', number + shown, ...caret].join('\n')
}

/** As wide as the line up to the column, tabs kept, so that the caret stands below its character. */
function leading(text: string, column: number): string {
  return text.slice(0, column - 1).replace(/[^\t]/g, ' ')
}
