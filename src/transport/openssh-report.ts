import { printable } from '../shell/printable.ts'
import { certifiedKey } from './host-certificate.ts'
import type { OpensshMarks } from './openssh-arguments.ts'

/** What ssh said before it was logged in, taken apart by our own marks; none of ssh's own words decide anything. */
export interface OpensshReport {
  /** The key that each server presented, by the mark of its call. */
  readonly hostKeys: ReadonlyMap<string, Buffer>
  /** Of servers that presented a certificate the key in it: what counts where no authority is known for them. */
  readonly certified: ReadonlyMap<string, Buffer>
  /** ssh's own words: complaints, and the banner of the server. */
  readonly words: readonly string[]
}

/** So many of the last lines are shown. */
const SHOWN_LINES = 8

/** @param calls the marks of the destination and of its jump hosts */
export function readReport(text: string, calls: readonly OpensshMarks[]): OpensshReport {
  const hostKeys = new Map<string, Buffer>()
  const certified = new Map<string, Buffer>()
  const words: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const [mark = '', type, key] = line.split(' ')
    if (!calls.some(call => call.hostKey === mark)) {
      if (line.trim() !== '') words.push(printable(line))
    } else if (type === undefined || key === undefined || type === 'NONE') {
      // ssh asks once more at the beginning, for the order of algorithms, when there is no key yet.
    } else if (type.includes('-cert-')) {
      hostKeys.delete(mark)
      const plain = certifiedKey(type, Buffer.from(key, 'base64'))
      if (plain !== undefined) certified.set(mark, plain)
    } else hostKeys.set(mark, Buffer.from(key, 'base64'))
  }
  return { hostKeys, certified, words: words.slice(-SHOWN_LINES) }
}
