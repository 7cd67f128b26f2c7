import { expect, test } from 'vitest'
import { formatConfig, formatReach, reachOf, wholeConfig } from '../../../src/cli/sandbox/sandbox-config.ts'

const hosts = [40_001, 40_002].map((port, index) => ({
  name: `web${index + 1}`,
  address: '127.0.0.1',
  port,
  user: 'ana',
  root: `/tmp/sand/web${index + 1}/webcode`,
  home: `/tmp/sand/web${index + 1}/home`,
  stop: async () => undefined,
}))
const reach = reachOf(hosts, '/tmp/sand/id_ed25519', '/tmp/sand/known_hosts')

test('the way to the hosts is written as two keys of a configuration', () => {
  expect(formatReach(reach)).toMatchInlineSnapshot(`
    "  ssh: { knownHostsFile: '/tmp/sand/known_hosts' },
      hosts: {
        web1: { address: '127.0.0.1', port: 40001, user: 'ana', identityFile: '/tmp/sand/id_ed25519', root: '/tmp/sand/web1/webcode' },
        web2: { address: '127.0.0.1', port: 40002, user: 'ana', identityFile: '/tmp/sand/id_ed25519', root: '/tmp/sand/web2/webcode' },
      },
    "
  `)
})

test('a whole configuration stages on the first host and goes into production on all', () => {
  expect(formatConfig(wholeConfig(reach, 'shop'))).toMatchInlineSnapshot(`
    "import { defineConfig } from 'stage-deploy'

    export default defineConfig({
      project: 'shop',
      ssh: { knownHostsFile: '/tmp/sand/known_hosts' },
      hosts: {
        web1: { address: '127.0.0.1', port: 40001, user: 'ana', identityFile: '/tmp/sand/id_ed25519', root: '/tmp/sand/web1/webcode' },
        web2: { address: '127.0.0.1', port: 40002, user: 'ana', identityFile: '/tmp/sand/id_ed25519', root: '/tmp/sand/web2/webcode' },
      },
      stages: {
        staging: { hosts: ['web1'] },
        production: { hosts: ['web1', 'web2'] },
      },
    })
    "
  `)
})

test('quotes and backslashes in a path stay what they are', () => {
  const strange = reachOf([], 'key', `/tmp/it's "\\here"`)
  expect(formatReach(strange)).toMatchInlineSnapshot(`
    "  ssh: { knownHostsFile: '/tmp/it\\'s "\\\\here"' },
      hosts: {
      },
    "
  `)
})
