import { type Bumped, increased, next, noNext } from './bump-parts.ts'
import { formatDebian, parsedDebian } from './debian.ts'

/** What a packager counts; the upstream version is somebody else's. */
export const debianParts = ['epoch', 'revision'] as const

/** The next version by a part; the caller makes sure that it is greater. */
export function bumpDebian(text: string, part: string): Bumped {
  const version = parsedDebian(text)
  if (part === 'epoch') return next(formatDebian({ ...version, epoch: increased(version.epoch) }))
  const { revision } = version
  if (revision === undefined) return next(formatDebian({ ...version, revision: '1' }))
  if (!/[0-9]/.test(revision)) return noNext(`its revision ${revision} has no number to count`)
  return next(formatDebian({ ...version, revision: revision.replace(/[0-9]+/, increased) }))
}
