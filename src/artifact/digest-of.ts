import { createHash } from 'node:crypto'
import type { Sha256 } from '../model/names.ts'

/** The digest of plain data, by how JSON writes it: the same for the same keys in the same order, whatever else differs. */
export const digestOf = (value: unknown): Sha256 =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex')
