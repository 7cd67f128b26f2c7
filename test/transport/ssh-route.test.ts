import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import type { Destination } from '../../src/transport/channel.ts'
import { parseSshConfig, queryArguments } from '../../src/transport/ssh-config-query.ts'
import { sshRoute } from '../../src/transport/ssh-route.ts'
import { aDestination } from '../support/a-destination.ts'

const route = (config: readonly string[], changes: Partial<Destination> = {}, env: NodeJS.ProcessEnv = {}) =>
  sshRoute(aDestination(changes), parseSshConfig(config.join('\n')), env)

const { homedir, username } = userInfo()

test('without any configuration the defaults of OpenSSH hold', () => {
  const { all, ...plain } = route([])
  expect({ ...plain, all: [...all] }).toEqual({
    hostName: 'web1.example.com',
    user: username,
    port: 22,
    addressFamily: 0,
    bindAddress: undefined,
    jumps: [],
    connectTimeoutMs: 10_000,
    identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map(name => `${homedir}/.ssh/${name}`),
    identityFilesAreNamed: false,
    identitiesOnly: false,
    agent: undefined,
    knownHostsFiles: [
      ...[`${homedir}/.ssh/known_hosts`, `${homedir}/.ssh/known_hosts2`],
      ...['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    ],
    recordFiles: [`${homedir}/.ssh/known_hosts`, `${homedir}/.ssh/known_hosts2`],
    hashKnownHosts: false,
    hostKeyAlias: undefined,
    needsOpenssh: [],
    all: [],
  })
})

test('what the destination says goes before what ssh_config says', () => {
  const config = ['hostname 10.0.0.1', 'user ana', 'port 2222', 'proxyjump bastion:2200']
  expect(route(config)).toMatchObject({
    ...{ hostName: '10.0.0.1', user: 'ana', port: 2222 },
    jumps: [{ user: undefined, address: 'bastion', port: 2200 }],
  })
  expect(route(config, { user: 'deploy', port: 22, jump: 'ana@[::1]:22,b' })).toMatchObject({
    ...{ user: 'deploy', port: 22 },
    jumps: [
      { user: 'ana', address: '::1', port: 22 },
      { user: undefined, address: 'b', port: undefined },
    ],
  })
})

test('of two connect timeouts the longer one counts', () => {
  expect([
    route(['connecttimeout 30']),
    route(['connecttimeout 5']),
    route(['connecttimeout none']),
  ]).toMatchObject([{ connectTimeoutMs: 30_000 }, { connectTimeoutMs: 10_000 }, { connectTimeoutMs: 10_000 }])
})

test('a file of known hosts that the destination names stands for all others', () => {
  const { knownHostsFiles, recordFiles } = route(['userknownhostsfile /a /b'], { knownHostsFile: '/mine' })
  expect([knownHostsFiles, recordFiles]).toEqual([['/mine'], ['/mine']])
})

test('paths with blanks are kept together, and none means no file', () => {
  const named = route(['userknownhostsfile /my files/known /b', 'globalknownhostsfile none'])
  expect(named.knownHostsFiles).toEqual(['/my files/known', '/b'])
  expect(route(['userknownhostsfile none', 'globalknownhostsfile /a']).recordFiles).toEqual([])
})

test('~, tokens and variables in paths are expanded', () => {
  const config = [
    'user ana',
    'port 2222',
    'hostname 10.0.0.1',
    `identityfile ~/keys/%r@%h:%p-%n-%%-\${TEAM}-\${NOT_SET}`,
  ]
  expect(route(config, {}, { TEAM: 'shop' }).identityFiles).toEqual([
    `${homedir}/keys/ana@10.0.0.1:2222-web1.example.com-%-shop-\${NOT_SET}`,
  ])
})

test.each([
  [[], '/env.sock'],
  [['identityagent SSH_AUTH_SOCK'], '/env.sock'],
  [['identityagent none'], undefined],
  [['identityagent $OTHER'], '/other.sock'],
  [['identityagent ~/agent'], `${homedir}/agent`],
])('the agent by %j is at %s', (config, socket) => {
  expect(route(config, {}, { SSH_AUTH_SOCK: '/env.sock', OTHER: '/other.sock' }).agent).toBe(socket)
})

test('what only ssh can follow is listed; a jump of the destination replaces a ProxyCommand', () => {
  const config = ['proxycommand nc %h %p', 'revokedhostkeys /krl', 'preferredauthentications gssapi-with-mic']
  expect([route(config).needsOpenssh, route(config, { jump: 'bastion' }).needsOpenssh]).toEqual([
    ['ProxyCommand nc %h %p', 'RevokedHostKeys /krl', 'PreferredAuthentications gssapi-with-mic'],
    ['RevokedHostKeys /krl', 'PreferredAuthentications gssapi-with-mic'],
  ])
})

test('ssh is asked with the user, the port and the jump hosts, for these decide what matches', () => {
  expect(
    queryArguments(aDestination({ user: 'ana', port: 2222, jump: 'bastion', configFile: '/c' })),
  ).toEqual([...['-TG', '-F', '/c', '-l', 'ana', '-p', '2222', '-J', 'bastion', '--', 'web1.example.com']])
})
