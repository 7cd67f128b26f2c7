import type { Sha256 } from '../model/names.ts'

/**
 * A file that a shared step of a build made on a host, or that the runner sends. Its name is all that it is called anywhere: it
 * never is a path.
 */
export interface Product {
  readonly file: string
  readonly bytes: number
  readonly sha256: Sha256
}

/** What shared steps of builds made, to be read by every host that needs it. */
export interface Products {
  readonly files: readonly Product[]
  /**
   * The bytes of all files, one after the other; while they still arrive, as they come. Each reader has a pace of its
   * own. Throws StageError `interrupted` when the signal fires, or when the rest will never come.
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** The list has to fit into one frame to a host (1 MiB); an environment of some hundred packages is a large one. */
const MAX_PRODUCTS = 2_000
/** The wheels of the largest frameworks take some 3 GiB. */
export const PRODUCTS_BYTES = 16 * 1024 ** 3

/** No path, no option, no hidden file: what names of wheels are made of (PEP 427). Hosts have the same rule. */
export const isPlainFileName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._+!-]{0,199}$/.test(name)

const sha256 = /^[0-9a-f]{64}$/

/**
 * Why a list of products, which some host or some file on the disk gave, cannot be used; undefined: it can. Nothing in
 * it is believed before this was asked: a name could lead elsewhere, a size fill a disk.
 */
export function productsFault(products: readonly Product[]): string | undefined {
  if (products.length === 0) return 'it has no files'
  if (products.length > MAX_PRODUCTS)
    return `it has ${products.length} files, at most ${MAX_PRODUCTS} can be shared`
  const names = new Set<string>()
  for (const { file, bytes, sha256: digest } of products) {
    if (!isPlainFileName(file)) return `${JSON.stringify(file.slice(0, 200))} is no plain name of a file`
    if (names.has(file)) return `${file} comes twice`
    if (!sha256.test(digest)) return `${file} has no sha256`
    if (!Number.isSafeInteger(bytes) || bytes < 0) return `${file} has no size`
    names.add(file)
  }
  const total = bytesOf(products)
  return total > PRODUCTS_BYTES ? `it has ${total} bytes, at most ${PRODUCTS_BYTES} can be shared` : undefined
}

/** How many bytes they have together. */
export const bytesOf = (products: readonly Product[]): number =>
  products.reduce((sum, { bytes }) => sum + bytes, 0)
