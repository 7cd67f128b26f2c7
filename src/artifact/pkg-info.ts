/** The headers of a PKG-INFO by name in lower case, each with its values in order. */
export type PkgInfo = ReadonlyMap<string, readonly string[]>

/**
 * Reads the headers of a PKG-INFO as Python's email parser does, which the core metadata specification names: a line
 * that begins with white space continues the one before; an envelope line (`From `) and a line without a name before
 * its colon are passed over; the first line that is none of these ends the headers. The description after the headers
 * is not read. A continued value keeps its line breaks.
 */
export function parsePkgInfo(text: string): PkgInfo {
  const headers = new Map<string, readonly string[]>()
  let name: string | undefined
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    if (/^[ \t]/.test(line)) {
      const more = line.trim()
      const values = name === undefined || more === '' ? undefined : headers.get(name)
      if (name !== undefined && values !== undefined)
        headers.set(name, [...values.slice(0, -1), `${values.at(-1) ?? ''}\n${more}`])
      continue
    }
    name = undefined
    if (line.startsWith('From ')) continue
    const [, key, value] = /^([!-9;-~]*):(.*)$/s.exec(line) ?? []
    if (key === undefined || value === undefined) break
    if (key === '') continue
    name = key.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), value.trim()])
  }
  return headers
}
