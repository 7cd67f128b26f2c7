import { mustRun } from '../run-program.ts'

/**
 * Where this machine has its Debian packages from: sources.list(5) in either format, read by apt itself.
 *
 * @throws when it has them from nowhere that other releases could come from too
 */
export async function debianMirror(): Promise<string> {
  const listed = await mustRun([
    ...['apt-get', 'indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)'],
    'Created-By: Packages',
  ])
  const mirror = mirrorIn(listed)
  if (mirror === undefined)
    throw new Error(
      "apt's sources name no Debian mirror: /etc/apt/sources.list.d has none with a main release",
    )
  return mirror
}

/** @param listed a line for each list of packages: address, release, component */
export function mirrorIn(listed: string): string | undefined {
  const lines = listed.split('\n').map(line => line.split(' '))
  // Updates have a hyphen in their name, and security updates are often kept elsewhere.
  const [found] = lines.filter(
    ([address = '', release = '', component]) =>
      /^(?:https?|file|ftp):/.test(address) && !release.includes('-') && component === 'main',
  )
  return found?.[0]
}
