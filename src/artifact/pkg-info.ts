/** The headers of a PKG-INFO by name in lower case, each with its values in order. */
export type PkgInfo = ReadonlyMap<string, readonly string[]>

/**
 * Reads the headers of a PKG-INFO as Python's email parser does, which the core metadata specification names: a line
 * that begins with white space continues the one before; the first line that is neither ends the headers. The
 * description after the headers is not read. A continued value keeps its line breaks.
 */
export function parsePkgInfo(text: string): PkgInfo {
  const headers = new Map<string, readonly string[]>()
  let name: string | undefined
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    if (name !== undefined && /^[ \t]+[^ \t]/.test(line)) {
      const values = headers.get(name) ?? []
      headers.set(name, [...values.slice(0, -1), `${values.at(-1) ?? ''}\n${line.trim()}`])
      continue
    }
    const [, key, value] = /^([!-9;-~]+):(.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) break
    name = key.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), value.trim()])
  }
  return headers
}
