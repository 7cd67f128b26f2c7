import type { HostListing } from '../model/status.ts'
import { printable } from '../shell/printable.ts'
import type { Paint } from './paint.ts'

/** What stands under a table for the hosts that are missing in it. */
export function unreadLines(listings: readonly HostListing<unknown>[], paint: Paint): readonly string[] {
  return listings.flatMap(listing =>
    listing.kind === 'unread'
      ? [`${paint('red', '✖')} ${listing.host} could not be read: ${printable(listing.reason)}`]
      : [],
  )
}
