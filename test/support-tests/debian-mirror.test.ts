import { expect, test } from 'vitest'
import { mirrorIn } from '../support/booted/mirror.ts'

test('the mirror of a machine is where its main release comes from', () => {
  const main = 'https://mirror.example.org/debian/'
  const listed = [
    'cdrom:[Debian]/ bookworm main',
    'https://mirror.example.org/security/ bookworm-security main',
    'https://packages.example.org/tool/ bookworm contrib',
    `${main} bookworm main`,
    'https://other.example.org/debian/ trixie main',
  ]
  expect(mirrorIn(listed.join('\n'))).toBe(main)
  expect(mirrorIn(listed.slice(0, 3).join('\n'))).toBe(undefined)
})
