/** What came out of a host before the first frame. `noise` is what a login shell or a banner printed, its end at least. */
export type Greeting =
  | { readonly kind: 'ready'; readonly noise: Buffer; readonly rest: Buffer }
  | { readonly kind: 'too-old'; readonly noise: Buffer; readonly version: string }
  | { readonly kind: 'ended'; readonly noise: Buffer }

/** Noise beyond this is forgotten, oldest first. */
const MAX_NOISE = 64 * 1024

/** Longer than any line that a bootstrap writes: without an end by then it is noise too. */
const MAX_LINE = 256

/**
 * Reads until the line `stage-deploy <nonce> ready` or `stage-deploy <nonce> python X.Y.Z` (docs/remote-end.md, Start).
 * It may stand behind noise that did not end its line.
 */
export async function readGreeting(chunks: AsyncIterator<Buffer>, nonce: string): Promise<Greeting> {
  let held: Buffer = Buffer.alloc(0)
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    held = Buffer.concat([held, next.value])
    const found = find(held, `stage-deploy ${nonce} `)
    if (found !== undefined) return found
    held = held.subarray(-MAX_NOISE)
  }
  return { kind: 'ended', noise: held }
}

function find(bytes: Buffer, mark: string): Greeting | undefined {
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    const start = at + mark.length
    const end = bytes.subarray(0, start + MAX_LINE).indexOf('\n', start)
    if (end === -1) continue
    const said = bytes.toString('latin1', start, end).trim()
    const noise = bytes.subarray(0, at)
    if (said === 'ready') return { kind: 'ready', noise, rest: bytes.subarray(end + 1) }
    if (said.startsWith('python ')) return { kind: 'too-old', noise, version: said.slice('python '.length) }
  }
  return undefined
}
