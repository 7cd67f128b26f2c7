/**
 * What a person sees on a terminal after a program wrote to it: enough of ECMA-48 for a frame that is drawn over
 * and over (CR, LF, CUU, EL, ED; colours and modes take no room). Anything else is an error, so that a test fails
 * when something unexpected is sent.
 */
export function screenAfter(written: string): readonly string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const put = (character: string) => {
    const line = (lines[row] ?? '').padEnd(column)
    lines[row] = line.slice(0, column) + character + line.slice(column + 1)
    column += 1
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this reads
  for (const [token, parameters = '', final] of written.matchAll(/\x1b\[([0-9;?]*)([A-Za-z])|./gs)) {
    if (token === '\r') column = 0
    else if (token === '\n') {
      column = 0
      row += 1
      if (lines.length === row) lines.push('')
    } else if (final === undefined) put(token)
    else if (final === 'A') row = Math.max(0, row - Number(parameters))
    else if (final === 'K') lines[row] = (lines[row] ?? '').slice(0, column)
    else if (final === 'J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column))
    else if (final !== 'm' && final !== 'h' && final !== 'l')
      throw new Error(`unexpected ${JSON.stringify(token)}`)
  }
  return lines
}

/** Is the terminal as a shell wants it: cursor shown, lines wrapped? */
export function isGivenBack(written: string): boolean {
  const last = (mode: number) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this reads
    [...written.matchAll(/\x1b\[\?(\d+)([hl])/g)].findLast(([, number]) => Number(number) === mode)?.[2]
  return last(25) !== 'l' && last(7) !== 'l'
}
