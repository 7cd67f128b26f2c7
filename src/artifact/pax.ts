import { UnreadableArchive } from './fault.ts'
import { decodeText } from './tar-header.ts'

/**
 * Reads the records of a pax extended header, `LENGTH KEYWORD=VALUE\n` with the length in bytes of the whole record
 * (POSIX pax, "pax Extended Header"). Values may contain line breaks, so it is the length that counts.
 *
 * @throws UnreadableArchive `malformed` where the records do not fill the header exactly
 */
export function parsePaxRecords(body: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  let position = 0
  while (position < body.length) {
    const [digits] = /^[1-9][0-9]{0,8} /.exec(body.toString('latin1', position, position + 10)) ?? []
    const end = position + Number(digits ?? 0)
    const start = position + (digits ?? '').length
    const separator = body.indexOf('=', start)
    // A record without a keyword is refused by newer releases of Python's tarfile, and ends the header for older ones.
    const hasKeyword = separator > start && separator < end
    if (digits === undefined || end > body.length || body[end - 1] !== 0x0a || !hasKeyword) {
      throw new UnreadableArchive('malformed', 'the archive has a pax header that cannot be read')
    }
    const keyword = decodeText(body.subarray(start, separator))
    records.set(keyword, decodeText(body.subarray(separator + 1, end - 1)))
    position = end
  }
  return records
}
