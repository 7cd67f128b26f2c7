import { chmod, chown, mkdir, mkdtemp, realpath, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ownDirectory, ownTemporaryDirectory, type Us, whoWeAre } from '../../src/artifact/own-directory.ts'

// The rule: in a directory that the runner keeps something in, nobody else can put anything, nor another directory in
// its place. Owners are only changed where root runs the tests.

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

async function scratch(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'stage-own-')))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function verdict(path: string, us: Us | undefined = whoWeAre({})): Promise<string> {
  return await ownDirectory(path, us).then(
    () => 'used',
    (error: Error) => error.message,
  )
}

test('what is missing is made, for its owner alone', async () => {
  const above = await scratch()
  expect(await verdict(join(above, 'a', 'b'))).toBe('used')
  for (const made of ['a', 'a/b']) expect((await stat(join(above, made))).mode & 0o777).toBe(0o700)
})

interface Row {
  readonly what: string
  readonly inside?: number
  readonly above?: number
  readonly insideOwner?: number
  readonly aboveOwner?: number
  readonly aboveGroup?: number
  readonly said: string
}

const rows: readonly Row[] = [
  { what: 'ours alone', said: 'used' },
  { what: 'read by others', inside: 0o755, said: 'used' },
  { what: 'written by its group', inside: 0o770, said: 'others can write to TOP/above/inside' },
  { what: 'written by everybody', inside: 0o777, said: 'others can write to TOP/above/inside' },
  // Whoever can add a file can add one with the right name.
  { what: 'sticky and open', inside: 0o1777, said: 'others can write to TOP/above/inside' },
  { what: 'in one open to all', above: 0o777, said: 'everybody can write to TOP/above' },
  { what: 'in a sticky one', above: 0o1777, said: 'used' },
  { what: 'in one of our own group', above: 0o775, said: 'used' },
]

const ofOthers: readonly Row[] = [
  { what: "somebody else's", insideOwner: NOBODY, said: 'TOP/above/inside belongs to nobody' },
  { what: "in somebody else's", aboveOwner: NOBODY, said: 'TOP/above belongs to nobody' },
  {
    what: "in somebody else's sticky one",
    above: 0o1777,
    aboveOwner: NOBODY,
    said: 'TOP/above belongs to nobody',
  },
  {
    what: 'in one of another group',
    above: 0o775,
    aboveGroup: NOBODY,
    said: `the group ${NOBODY} can write to TOP/above`,
  },
]

describe.each([...rows, ...(isRoot ? ofOthers : [])])('a directory that is $what', row => {
  const { inside = 0o700, above = 0o700, insideOwner, aboveOwner, aboveGroup, said } = row

  async function stand(): Promise<string> {
    const top = await scratch()
    const path = join(top, 'above', 'inside')
    await mkdir(path, { recursive: true })
    if (insideOwner !== undefined) await chown(path, insideOwner, insideOwner)
    if (aboveOwner !== undefined || aboveGroup !== undefined)
      await chown(join(top, 'above'), aboveOwner ?? 0, aboveGroup ?? 0)
    await chmod(path, inside)
    await chmod(join(top, 'above'), above)
    return top
  }

  test(`by its name: ${said}`, async () => {
    const top = await stand()
    expect(await verdict(join(top, 'above', 'inside'))).toBe(said.replace('TOP', top))
  })

  test(`far above: ${said}`, async () => {
    if (inside !== 0o700) return
    const top = await stand()
    expect(await verdict(join(top, 'above', 'inside', 'more', 'and more'))).toBe(said.replace('TOP', top))
  })

  test(`through a link: ${said}`, async () => {
    const top = await stand()
    await symlink(join(top, 'above'), join(top, 'link'))
    const found = await verdict(join(top, 'link', 'inside'))
    expect(found === 'used').toBe(said === 'used')
  })

  test(`for temporary files: ${said}`, async () => {
    if (inside !== 0o700) return
    const top = await stand()
    vi.stubEnv('TMPDIR', join(top, 'above'))
    onTestFinished(() => void vi.unstubAllEnvs())
    const made = await ownTemporaryDirectory('x-', whoWeAre({})).then(
      () => 'used',
      (error: Error) => error.message,
    )
    // The directory inside has no part in it.
    expect(made).toBe(insideOwner === undefined ? said.replace('TOP', top) : 'used')
  })
})

test('where the system has no accounts nothing is judged', async () => {
  const path = await scratch()
  await chmod(path, 0o777)
  await expect(ownDirectory(path, undefined)).resolves.toBeUndefined()
})
