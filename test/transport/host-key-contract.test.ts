import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StageError, type StageErrorCode } from '../../src/model/stage-error.ts'
import type { Destination } from '../../src/transport/channel.ts'
import { createTransport, type Transport } from '../../src/transport/transport.ts'
import { aDestination } from '../support/a-destination.ts'
import { type Cleanups, collectCleanups } from '../support/cleanups.ts'
import { type Door, makeDoor } from '../support/door.ts'
import { makeReadOnly } from '../support/read-only.ts'
import { mustRun } from '../support/run-program.ts'
import { type SshServer, startSshd } from '../support/sshd.ts'

/** The host, and whoever puts himself in its place: he lets everybody in. */
let host: SshServer
let impostor: SshServer
let transport: Transport

beforeAll(async () => {
  host = await startSshd()
  impostor = await startSshd()
  transport = createTransport({ askPassphrase: async () => undefined, env: process.env })
})

afterAll(async () => {
  await transport.close()
  await host[Symbol.asyncDispose]()
  await impostor[Symbol.asyncDispose]()
})

/** Where a case is laid out. */
interface Place {
  readonly directory: string
  readonly port: number
  /** `type key` of the host. */
  readonly key: string
  readonly otherKey: string
  readonly cleanups: Cleanups
}

/** What becomes of a connection to a server that has the right key. */
type Expected =
  | 'accepted'
  /** A file of the directory, and how the line in it begins. */
  | { readonly recordedIn: string; readonly as?: RegExp }
  /** The next command records the key: in this file, or in another one that the configuration then has to name. */
  | { readonly refused: StageErrorCode; readonly advice: { readonly file: string } | 'another file' | RegExp }

interface Case {
  /** @returns lines of ssh_config; DIR is the directory */
  readonly layOut: (place: Place) => Promise<readonly string[]> | readonly string[]
  readonly strict: Expected
  readonly acceptNew: Expected
}

const known = ({ port, key }: Place) => `[127.0.0.1]:${port} ${key}\n`
const put = (place: Place, name: string, content: string) => writeFile(join(place.directory, name), content)
const readOnly = async ({ cleanups }: Place, path: string) => {
  const made = await makeReadOnly(path)
  cleanups.defer(async () => await made[Symbol.asyncDispose]())
}
const user = (...files: readonly string[]) => [`UserKnownHostsFile ${files.join(' ')}`]
const unknown = (advice: { readonly file: string } | 'another file' | RegExp): Expected => ({
  refused: 'host-key-unknown',
  advice,
})

/** What keeps nothing is as no file: nothing is known, and nothing can be recorded. */
const KEEPS_NOTHING = { strict: unknown('another file'), acceptNew: unknown('another file') }

const cases: Readonly<Record<string, Case>> = {
  'no file': {
    layOut: () => user('DIR/known'),
    strict: unknown({ file: 'known' }),
    acceptNew: { recordedIn: 'known', as: /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 / },
  },
  'no directory': {
    layOut: () => user('DIR/.ssh/known'),
    strict: unknown({ file: '.ssh/known' }),
    acceptNew: { recordedIn: '.ssh/known' },
  },
  'an empty file': {
    layOut: async place => {
      await put(place, 'known', '')
      return user('DIR/known')
    },
    strict: unknown({ file: 'known' }),
    acceptNew: { recordedIn: 'known' },
  },
  'a path with a blank and a quote in it': {
    layOut: async place => {
      await mkdir(join(place.directory, 'a b"c'))
      return [`UserKnownHostsFile "DIR/a b\\"c/known"`]
    },
    strict: unknown({ file: 'a b"c/known' }),
    acceptNew: { recordedIn: 'a b"c/known' },
  },
  'a file that cannot be written': {
    layOut: async place => {
      await put(place, 'known', '# nothing\n')
      await readOnly(place, join(place.directory, 'known'))
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  'a file that cannot be written, and has the key': {
    layOut: async place => {
      await put(place, 'known', known(place))
      await readOnly(place, join(place.directory, 'known'))
      return user('DIR/known')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'no file, in a directory that cannot be written': {
    layOut: async place => {
      await mkdir(join(place.directory, 'mounted'))
      await readOnly(place, join(place.directory, 'mounted'))
      return user('DIR/mounted/known')
    },
    ...KEEPS_NOTHING,
  },
  'no directory, where none can be made': {
    layOut: async place => {
      await mkdir(join(place.directory, 'mounted'))
      await readOnly(place, join(place.directory, 'mounted'))
      return user('DIR/mounted/ssh/known')
    },
    ...KEEPS_NOTHING,
  },
  'a path that leads through a file': {
    layOut: async place => {
      await put(place, 'file', '')
      return user('DIR/file/known')
    },
    ...KEEPS_NOTHING,
  },
  'a directory': {
    layOut: async place => {
      await mkdir(join(place.directory, 'known'))
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  '/dev/null': { layOut: () => user('/dev/null'), ...KEEPS_NOTHING },
  '/dev/full': { layOut: () => user('/dev/full'), ...KEEPS_NOTHING },
  '/dev/zero': { layOut: () => user('/dev/zero'), ...KEEPS_NOTHING },
  none: { layOut: () => user('none'), ...KEEPS_NOTHING },
  'a FIFO': {
    layOut: async ({ directory }) => {
      await mustRun(['mkfifo', join(directory, 'known')])
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  'a socket': {
    layOut: ({ directory, cleanups }) => {
      const server = createServer().listen(join(directory, 'known'))
      cleanups.defer(async () => void server.close())
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  'a link that leads nowhere': {
    layOut: async ({ directory }) => {
      await symlink('target', join(directory, 'known'))
      return user('DIR/known')
    },
    strict: unknown({ file: 'known' }),
    acceptNew: { recordedIn: 'target' },
  },
  'a link into a directory that is not there': {
    layOut: async ({ directory }) => {
      await symlink('a/b', join(directory, 'known'))
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  'a link to itself': {
    layOut: async ({ directory }) => {
      await symlink('known', join(directory, 'known'))
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  'a link to /dev/null': {
    layOut: async ({ directory }) => {
      await symlink('/dev/null', join(directory, 'known'))
      return user('DIR/known')
    },
    ...KEEPS_NOTHING,
  },
  'a link to a file that has the key': {
    layOut: async place => {
      await put(place, 'target', known(place))
      await symlink('target', join(place.directory, 'known'))
      return user('DIR/known')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'an entry with the port': {
    layOut: async place => {
      await put(place, 'known', known(place))
      return user('DIR/known')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'an entry without the port': {
    layOut: async place => {
      await put(place, 'known', `127.0.0.1 ${place.key}\n`)
      return user('DIR/known')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'an entry without the port that has another key': {
    layOut: async place => {
      await put(place, 'known', `127.0.0.1 ${place.otherKey}\n`)
      return user('DIR/known')
    },
    strict: unknown({ file: 'known' }),
    acceptNew: unknown({ file: 'known' }),
  },
  'a hashed entry': {
    layOut: async place => {
      await put(place, 'known', known(place))
      await mustRun(['ssh-keygen', '-q', '-H', '-f', join(place.directory, 'known')])
      return user('DIR/known')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  HashKnownHosts: {
    layOut: () => [...user('DIR/known'), 'HashKnownHosts yes'],
    strict: unknown({ file: 'known' }),
    acceptNew: { recordedIn: 'known', as: /^\|1\|/ },
  },
  HostKeyAlias: {
    layOut: () => [...user('DIR/known'), 'HostKeyAlias shop-web'],
    strict: unknown({ file: 'known' }),
    acceptNew: { recordedIn: 'known', as: /^shop-web ssh-ed25519 / },
  },
  'two files, of which the second has it': {
    layOut: async place => {
      await put(place, 'second', known(place))
      return user('DIR/first', 'DIR/second')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'two files, of which the first keeps nothing': {
    layOut: () => user('/dev/null', 'DIR/second'),
    strict: unknown({ file: 'second' }),
    acceptNew: { recordedIn: 'second' },
  },
  'two files, of which the first cannot be written': {
    layOut: async place => {
      await put(place, 'first', '')
      await readOnly(place, join(place.directory, 'first'))
      return user('DIR/first', 'DIR/second')
    },
    strict: unknown({ file: 'second' }),
    acceptNew: { recordedIn: 'second' },
  },
  'a global file that has it, and no file of the user': {
    layOut: async place => {
      await put(place, 'global', known(place))
      return [...user('/dev/null'), 'GlobalKnownHostsFile DIR/global']
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'a global file that has it not, and no file of the user': {
    layOut: async place => {
      await put(place, 'global', '')
      return [...user('none'), 'GlobalKnownHostsFile DIR/global /dev/zero']
    },
    ...KEEPS_NOTHING,
  },
  'an authority that speaks of the host': {
    layOut: async place => {
      await put(place, 'known', `@cert-authority * ${place.otherKey}\n`)
      return user('DIR/known')
    },
    strict: unknown(/plain key/),
    acceptNew: unknown(/plain key/),
  },
  'an authority, and the plain key beside it': {
    layOut: async place => {
      await put(place, 'known', `@cert-authority * ${place.otherKey}\n${known(place)}`)
      return user('DIR/known')
    },
    ...{ strict: 'accepted', acceptNew: 'accepted' },
  },
  'the key revoked': {
    layOut: async place => {
      await put(place, 'known', `@revoked * ${place.key}\n`)
      return user('DIR/known')
    },
    strict: { refused: 'host-key-revoked', advice: /line 1 of .* revokes this key/ },
    acceptNew: { refused: 'host-key-revoked', advice: /line 1 of .* revokes this key/ },
  },
  'the key revoked in a global file, and known': {
    layOut: async place => {
      await put(place, 'known', known(place))
      await put(place, 'global', `@revoked * ${place.key}\n`)
      return [...user('DIR/known'), 'GlobalKnownHostsFile DIR/global']
    },
    strict: { refused: 'host-key-revoked', advice: /line 1 of .*global revokes this key/ },
    acceptNew: { refused: 'host-key-revoked', advice: /line 1 of .*global revokes this key/ },
  },
  'another key': {
    layOut: async place => {
      await put(place, 'known', `[127.0.0.1]:${place.port} ${place.otherKey}\n`)
      return user('DIR/known')
    },
    strict: { refused: 'host-key-changed', advice: /forget the old one: ssh-keygen -R/ },
    acceptNew: { refused: 'host-key-changed', advice: /forget the old one: ssh-keygen -R/ },
  },
}

/** Whatever of ssh_config could turn the check off, or make known what no file of ours knows. */
const turnedOff: Readonly<Record<string, (place: Place) => string>> = {
  'StrictHostKeyChecking no': () => 'StrictHostKeyChecking no',
  'StrictHostKeyChecking off': () => 'StrictHostKeyChecking off',
  'StrictHostKeyChecking accept-new': () => 'StrictHostKeyChecking accept-new',
  'NoHostAuthenticationForLocalhost yes': () => 'NoHostAuthenticationForLocalhost yes',
  'VerifyHostKeyDNS yes': () => 'VerifyHostKeyDNS yes',
  'UpdateHostKeys yes': () => 'UpdateHostKeys yes',
  'CheckHostIP yes': () => 'CheckHostIP yes',
  'GSSAPIKeyExchange yes': () =>
    'GSSAPIAuthentication yes\n  IgnoreUnknown GSSAPIK*\n  GSSAPIKeyExchange yes',
  KnownHostsCommand: ({ key }) => `KnownHostsCommand /bin/echo %H ${key}`,
  'a shared connection': ({ directory }) => `ControlMaster auto\n  ControlPath ${directory}/shared`,
}

const clients = ['node-ssh', 'openssh'] as const
const modes = [
  ['strict', 'strict'],
  ['accept-new', 'acceptNew'],
] as const

/** A host of its own for each case, by its port, and a directory. */
async function place(cleanups: Cleanups): Promise<{ readonly door: Door; readonly place: Place }> {
  const door = await makeDoor(host)
  cleanups.defer(async () => await door[Symbol.asyncDispose]())
  const directory = await mkdtemp(join(host.directory, 'case-'))
  const keyOf = (server: SshServer) => server.knownHostsLine('ed25519').split(' ').slice(1).join(' ')
  return {
    door,
    place: { directory, port: door.port, key: keyOf(host), otherKey: keyOf(impostor), cleanups },
  }
}

async function configFileOf({ directory }: Place, lines: readonly string[]): Promise<string> {
  const file = join(directory, 'config')
  const keys = [host, impostor].map(({ identityFile }) => `IdentityFile ${identityFile}`)
  // The first value of a keyword counts: this machine's own files are no part of it.
  const all = [...lines, 'GlobalKnownHostsFile none', ...keys].map(line => line.replaceAll('DIR', directory))
  await writeFile(file, `Host *\n${all.map(line => `  ${line}\n`).join('')}`)
  return file
}

async function reach(destination: Destination, by = transport): Promise<string | StageError> {
  try {
    return await text((await by.reach(destination, 'echo hello', {})).output)
  } catch (error) {
    if (error instanceof StageError) return error
    throw error
  }
}

const destinationTo = (port: number, changes: Partial<Destination>) =>
  aDestination({ address: '127.0.0.1', port, user: host.user, connectTimeoutMs: 20_000, ...changes })

/** Follows the advice, where it is a command. */
async function follow(hint: string, instead: string | undefined): Promise<void> {
  const command = /record the key(?: there)?: (.*)$/.exec(hint)?.[1] ?? 'false'
  const named = / >> (.*)$/.exec(command)?.[1]
  if (instead === undefined)
    await mustRun(['/bin/sh', '-c', command.replace(/^ssh /, 'ssh -o BatchMode=no ')])
  else {
    expect([join(homedir(), '.ssh/known_hosts'), resolve('known_hosts')]).toContain(named)
    await mustRun([
      '/bin/sh',
      '-c',
      command.replace(/^mkdir .*? && /, '').replace(/ >> .*$/, ` >> ${instead}`),
    ])
  }
}

describe.each(clients)('%s', client => {
  describe.each(modes)('%s', (hostKeys, mode) => {
    test.each(Object.entries(cases))('%s', async (_, { layOut, [mode]: expected }) => {
      await using cleanups = collectCleanups()
      const { door, place: at } = await place(cleanups)
      const configFile = await configFileOf(at, await layOut(at))
      const destination = destinationTo(at.port, { client, hostKeys, configFile })
      const first = await reach(destination)
      const swapped = async (to: Destination) => {
        door.leadTo(impostor)
        const second = await reach(to)
        expect(second).toMatchObject({ code: expect.stringMatching(/^host-key-/) })
      }
      if (expected === 'accepted') {
        expect(first).toBe('hello\n')
        await swapped(destination)
      } else if ('recordedIn' in expected) {
        expect(first).toBe('hello\n')
        const lines = (await readFile(join(at.directory, expected.recordedIn), 'utf8')).trimEnd().split('\n')
        expect(lines).toEqual([expect.stringMatching(expected.as ?? /ssh-ed25519/)])
        expect(lines[0]).toContain(at.key)
        expect(await reach({ ...destination, hostKeys: 'strict' })).toBe('hello\n')
        await swapped(destination)
      } else {
        if (!(first instanceof StageError)) throw new Error(`not refused: ${first}`)
        const { code, message, hint = '' } = first
        expect({ code, message }).toEqual({
          code: expected.refused,
          message: expect.stringContaining('SHA256:'),
        })
        if (expected.advice instanceof RegExp) return expect(hint).toMatch(expected.advice)
        const instead = expected.advice === 'another file' ? join(at.directory, 'instead') : undefined
        if (typeof expected.advice === 'object')
          expect(hint).toContain(join(at.directory, expected.advice.file))
        // One of the two modes is enough to see that it works; ssh would ask a person.
        if (mode !== 'strict' || hint.includes('StrictHostKeyChecking=ask')) return
        await follow(hint, instead)
        const advised = instead === undefined ? destination : { ...destination, knownHostsFile: instead }
        expect(await reach(advised)).toBe('hello\n')
        await swapped(advised)
      }
    })
  })

  test.each(Object.entries(turnedOff))('%s in ssh_config makes no unknown server known', async (_, line) => {
    await using cleanups = collectCleanups()
    const { door, place: at } = await place(cleanups)
    const configFile = await configFileOf(at, [...user('DIR/known'), line(at)])
    const destination = destinationTo(at.port, { client, configFile })
    expect(await reach(destination)).toMatchObject({ code: 'host-key-unknown' })
    expect(await reach({ ...destination, hostKeys: 'accept-new' })).toBe('hello\n')
    expect(await readFile(join(at.directory, 'known'), 'utf8')).toBe(known(at))
    door.leadTo(impostor)
    for (const hostKeys of ['strict', 'accept-new'] as const)
      expect(await reach({ ...destination, hostKeys })).toMatchObject({ code: 'host-key-changed' })
  })

  test.each(['jump', 'ProxyJump'])('a jump host by %s is held to the same rules', async by => {
    await using cleanups = collectCleanups()
    const { door, place: at } = await place(cleanups)
    const lines = [...user('DIR/known'), 'StrictHostKeyChecking no', 'NoHostAuthenticationForLocalhost yes']
    const configFile = await configFileOf(at, lines)
    const bastion = `Host bastion\n  HostName 127.0.0.1\n  Port ${at.port}\n  User ${host.user}\n`
    const target = `Host target\n  HostName 127.0.0.1\n${by === 'jump' ? '' : '  ProxyJump bastion\n'}`
    await writeFile(configFile, `${bastion}${target}${await readFile(configFile, 'utf8')}`)
    const jump = by === 'jump' ? 'bastion' : undefined
    const destination = destinationTo(host.port, { client, configFile, jump, address: 'target' })
    const where = /^web1: jump host bastion /
    const refused = { code: 'host-key-unknown', message: expect.stringMatching(where) }
    expect(await reach(destination)).toMatchObject(refused)
    expect(await reach({ ...destination, hostKeys: 'accept-new' })).toBe('hello\n')
    expect(await readFile(join(at.directory, 'known'), 'utf8')).toBe(
      `${known(at)}${host.knownHostsLine('ed25519')}\n`,
    )
    door.leadTo(impostor)
    const changed = { code: 'host-key-changed', message: expect.stringMatching(where) }
    // Another run: one connection to a jump host may serve all of a run.
    const later = createTransport({ askPassphrase: async () => undefined, env: process.env })
    cleanups.defer(() => later.close())
    expect(await reach({ ...destination, hostKeys: 'accept-new' }, later)).toMatchObject(changed)
  })

  test('of two first connections at the same time that meet two servers, one is refused', async () => {
    await using cleanups = collectCleanups()
    const { place: at } = await place(cleanups)
    const configFile = await configFileOf(at, [...user('DIR/known'), 'HostKeyAlias shop-web'])
    const ends = await Promise.all(
      [host, impostor].map(({ port }) =>
        reach(destinationTo(port, { client, configFile, hostKeys: 'accept-new' })),
      ),
    )
    expect(ends.map(end => (end instanceof StageError ? end.code : end)).toSorted()).toEqual([
      'hello\n',
      'host-key-changed',
    ])
    expect((await readFile(join(at.directory, 'known'), 'utf8')).trimEnd().split('\n')).toHaveLength(1)
  })
})
