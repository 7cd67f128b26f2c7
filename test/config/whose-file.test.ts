import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Looks, type Owned, trustedOwners } from '../../src/artifact/whose-path.ts'
import { distrust } from '../../src/config/whose-file.ts'

const [ROOT, ANA, EVE] = [0, 1000, 1001]
const names = new Map([
  [ROOT, 'root'],
  [ANA, 'ana'],
  [EVE, 'eve'],
])

const is = (uid: number, mode = 0o644): Owned => ({ uid, mode })
const link = (uid: number, leadsTo: string): Owned => ({ uid, mode: 0o777, leadsTo })

/** What ana is told of /shop/stage.config.ts. */
async function told(found: Readonly<Record<string, Owned>>, trusted = trustedOwners(ANA, {})) {
  const at = async (path: string): Promise<Owned> => {
    const owned = found[path]
    if (owned === undefined) throw new Error(`nobody should look at ${path}`)
    return owned
  }
  const looks: Looks = { file: at, directory: at, nameOf: async uid => names.get(uid) }
  const error = await distrust('/shop/stage.config.ts', trusted ?? new Set(), looks)
  return error === undefined
    ? 'used'
    : error.message.replace('/shop/stage.config.ts was found, and is not used: ', '')
}

const CONFIG = '/shop/stage.config.ts'

describe('a configuration that was found', () => {
  test.each<readonly [string, Owned, Owned, string]>([
    ['ours in ours', is(ANA, 0o755), is(ANA), 'used'],
    ["root's in root's", is(ROOT, 0o755), is(ROOT), 'used'],
    ['open to a group', is(ANA, 0o775), is(ANA, 0o664), 'used'],
    ['ours in a sticky directory of root', is(ROOT, 0o1777), is(ANA), 'used'],
    ["another's in a sticky directory", is(ROOT, 0o1777), is(EVE), `${CONFIG} belongs to eve`],
    ['of an account without a name', is(ANA, 0o755), is(4711), `${CONFIG} belongs to the account 4711`],
    ["ours in another's directory", is(EVE, 0o755), is(ANA), '/shop belongs to eve'],
    ["ours in another's sticky directory", is(EVE, 0o1777), is(ANA), '/shop belongs to eve'],
    ['open to everybody', is(ANA, 0o755), is(ANA, 0o666), `everybody can write to ${CONFIG}`],
    ['in a directory open to everybody', is(ANA, 0o777), is(ANA), 'everybody can write to /shop'],
  ])('%s', async (_, directory, file, expected) => {
    expect(await told({ [dirname(CONFIG)]: directory, [CONFIG]: file })).toBe(expected)
  })

  test.each<readonly [string, Readonly<Record<string, Owned>>, string]>([
    ['ours', { [CONFIG]: link(ANA, '../lib/a.ts'), '/lib': is(ANA, 0o755), '/lib/a.ts': is(ANA) }, 'used'],
    ["another's", { [CONFIG]: link(EVE, '/lib/a.ts') }, `${CONFIG} belongs to eve`],
    [
      "to another's file",
      { [CONFIG]: link(ANA, '/lib/a.ts'), '/lib': is(ANA, 0o755), '/lib/a.ts': is(EVE) },
      '/lib/a.ts belongs to eve',
    ],
    [
      "through another's link",
      { [CONFIG]: link(ANA, '/lib/a.ts'), '/lib': is(ROOT, 0o1777), '/lib/a.ts': link(EVE, '/etc/x.ts') },
      '/lib/a.ts belongs to eve',
    ],
    [
      "into another's directory",
      { [CONFIG]: link(ANA, '/lib/a.ts'), '/lib': is(EVE, 0o755), '/lib/a.ts': is(ANA) },
      '/lib belongs to eve',
    ],
    ['to itself', { [CONFIG]: link(ANA, 'stage.config.ts') }, 'it leads through more than 40 links'],
  ])('as a link: %s', async (_, found, expected) => {
    expect(await told({ '/shop': is(ANA, 0o755), ...found })).toBe(expected)
  })

  test('says how it is used all the same', async () => {
    const looks: Looks = {
      file: async () => is(EVE),
      directory: async () => is(ANA),
      nameOf: async () => 'eve',
    }
    expect(await distrust(CONFIG, new Set([ANA]), looks)).toMatchObject({
      code: 'config',
      hint: `what it says would run as you: read it, and if you trust it, name it: --config ${CONFIG}`,
    })
  })
})

test('whoever calls sudo is trusted by the root that it makes, and by nobody else', () => {
  expect(trustedOwners(ROOT, { SUDO_UID: '1000' })).toEqual(new Set([ROOT, ANA]))
  expect(trustedOwners(ANA, { SUDO_UID: '1001' })).toEqual(new Set([ROOT, ANA]))
  expect(trustedOwners(ROOT, { SUDO_UID: '-1' })).toEqual(new Set([ROOT]))
  expect(trustedOwners(ROOT, {})).toEqual(new Set([ROOT]))
  expect(trustedOwners(undefined, {})).toBeUndefined()
})
