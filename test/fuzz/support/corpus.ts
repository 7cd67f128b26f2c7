import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FuzzName } from './shares.ts'

/** One input that was found to be interesting. */
export interface CorpusFile {
  /** Its name with blanks, without its ending: a sentence that says what it is. */
  readonly label: string
  readonly bytes: Buffer
}

/** The files of `test/fuzz/corpus/{name}/`, in alphabetical order. */
export function corpusOf(name: FuzzName): readonly CorpusFile[] {
  const folder = new URL(`../corpus/${name}/`, import.meta.url)
  return readdirSync(fileURLToPath(folder))
    .toSorted()
    .map(file => ({
      label: file.replace(/\.[a-z.]+$/, '').replaceAll('-', ' '),
      bytes: readFileSync(new URL(file, folder)),
    }))
}
