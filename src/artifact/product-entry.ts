import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import * as v from 'valibot'
import type { Builder } from '../model/builder.ts'
import { type Product, productsFault } from './product.ts'
import { ProductCheck } from './product-check.ts'

/**
 * One file of the cache: a line with the sha256 of the second line, a line with who built and the list of the products
 * as JSON, and then the bytes of all products, one after the other. All of it is covered by some digest.
 */
const Listing = v.object({
  builder: v.object({ host: v.string(), stage: v.string(), run: v.string(), atMs: v.number() }),
  products: v.array(v.object({ file: v.string(), bytes: v.number(), sha256: v.string() })),
})

const CHUNK_BYTES = 1024 * 1024
/** The list itself is at most as large as a frame to a host. */
const MAX_HEAD_BYTES = 2 * 1024 * 1024

/** What stands before the products. */
export function entryHead({ host, stage, run, atMs }: Builder, products: readonly Product[]): Buffer {
  const listing = JSON.stringify({
    builder: { host, stage, run, atMs },
    products: products.map(({ file, bytes, sha256 }) => ({ file, bytes, sha256 })),
  })
  return Buffer.from(`${digestOf(listing)}\n${listing}\n`, 'utf8')
}

/** What was found in an entry, every byte of it looked at. */
export interface ReadEntry {
  readonly builder: Builder
  readonly products: readonly Product[]
  /** Where the products begin. */
  readonly start: number
  readonly bytes: number
}

/** Reads a whole entry. @returns undefined where anything in it is not as it was written */
export async function readEntry(file: FileHandle): Promise<ReadEntry | undefined> {
  const head = await readHead(file)
  if (head === undefined || productsFault(head.products) !== undefined) return undefined
  const check = new ProductCheck(head.products)
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let at = head.start
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    if (bytesRead === 0) break
    if (check.take(chunk.subarray(0, bytesRead)) !== undefined) return undefined
    at += bytesRead
  }
  return check.end() === undefined ? { ...head, bytes: at - head.start } : undefined
}

async function readHead(file: FileHandle): Promise<Omit<ReadEntry, 'bytes'> | undefined> {
  const chunk = Buffer.allocUnsafe(MAX_HEAD_BYTES)
  const { bytesRead } = await file.read(chunk, 0, chunk.length, 0)
  const text = chunk.subarray(0, bytesRead)
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  if (first === -1 || second === -1) return undefined
  const listing = text.toString('utf8', first + 1, second)
  if (digestOf(listing) !== text.toString('utf8', 0, first)) return undefined
  const entry = v.safeParse(Listing, parsed(listing))
  return entry.success ? { ...entry.output, start: second + 1 } : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
