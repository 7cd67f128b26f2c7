import type { HostListing } from '../model/status.ts'
import { printable } from '../shell/printable.ts'
import type { Paint } from './paint.ts'

/** What stands under a table for the hosts that are missing in it. */
export function unreadLines(listings: readonly HostListing<unknown>[], paint: Paint): readonly string[] {
  return listings.flatMap(listing => {
    if (listing.kind === 'read') return []
    const [first = '', ...more] = listing.reason.split('\n').map(line => printable(line))
    const mark = paint('red', '✖')
    return [`${mark} ${listing.host} could not be read: ${first}`, ...more.map(line => `  ${line}`)]
  })
}
