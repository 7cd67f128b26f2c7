import { SourceMap } from 'node:module'
import { isPlainObject } from '../recipe/readers.ts'

/** Lines and columns count from 1. */
export interface CodePlace {
  readonly line: number
  /** Undefined: only the line is known. */
  readonly column: number | undefined
}

/** How Babel ends what it compiled, with `sourceMaps: 'inline'`. */
const inlineMap = /\n\/\/# sourceMappingURL=data:application\/json;[^,]*base64,(?<map>[A-Za-z0-9+/=]+)\s*$/

/**
 * Finds where in its source something stands that was compiled: the compiler moves imports to the top, and makes longer what
 * uses them.
 *
 * @param code what was compiled, with its source map in it
 * @param at where an error came from in it
 * @returns undefined where that is not known: nothing in the source was made into this
 */
export function originOf(
  code: string,
  { line, column }: { readonly line: number; readonly column: number },
): CodePlace | undefined {
  // The loader puts the head of a function before the first line, and does not say how long it is. Since the compiler only
  // ever moves code down (`retainLines`), what stands there was there.
  if (line === 1) return { line, column: undefined }
  const mappings = mappingsOf(code)
  if (mappings === undefined) return undefined
  const entry = new SourceMap({ ...emptyMap, mappings }).findEntry(line - 1, column - 1)
  // The entry that comes before may be one of another line.
  if (!('originalLine' in entry) || entry.generatedLine !== line - 1) return undefined
  return { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
}

/** One source: a file is compiled by itself. */
const emptyMap = { version: 3, file: '', sources: [''], sourcesContent: [], names: [], sourceRoot: '' }

function mappingsOf(code: string): string | undefined {
  const encoded = inlineMap.exec(code)?.groups?.['map']
  if (encoded === undefined) return undefined
  const map: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString())
  const mappings = isPlainObject(map) ? map['mappings'] : undefined
  return typeof mappings === 'string' ? mappings : undefined
}
