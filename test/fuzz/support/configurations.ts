import fc from 'fast-check'
import { jsonEdited, jsonEdits } from './json-edits.ts'

/** Configurations as JSON and YAML write them; together they use every key there is. */
export const configurations: readonly object[] = [
  { project: 'shop', hosts: { web1: 'web1.example.com' }, stages: { production: { hosts: ['web1'] } } },
  {
    project: 'My.Shop',
    root: '/srv/shop',
    artifact: { sdist: 'dist/*.tar.gz', build: ['python3', '-m', 'build', '--sdist'] },
    hosts: {
      web1: 'deploy@web1.example.com:2222',
      web2: {
        address: 'web2.example.com',
        user: 'deploy',
        port: 22,
        identityFile: '~/.ssh/id',
        knownHostsFile: 'known_hosts',
        jump: 'ana@gate:2222,gate2',
        labels: ['web', 'migrates'],
        root: '/var/other',
        python: '/usr/bin/python3.11',
        client: 'openssh',
      },
      web3: { address: '[2001:db8::1]', labels: ['web'] },
    },
    ssh: {
      client: 'node-ssh',
      configFile: 'ssh_config',
      knownHostsFile: '~/known',
      hostKeys: 'accept-new',
      connectTimeout: '5s',
      forwardAgent: false,
    },
    stages: {
      staging: { hosts: ['web1'] },
      production: {
        hosts: { label: 'web' },
        keepRevisions: 3,
        env: { MODE: 'production', KEY: { secret: 'KEY' } },
        hooks: { 'before:switch': [{ local: ['./announce'], undo: false }] },
      },
    },
    recipes: [
      { python: { requires: '>=3.9', interpreter: 'auto', index: { secret: 'INDEX' }, extras: ['pg'] } },
      { http: { url: 'http://127.0.0.1:8000/health', status: [200, 204], contains: 'ok' } },
    ],
    verify: [{ exec: ['.env/bin/python', '-m', 'unittest'], timeout: '5m', title: 'Tests', env: { A: 'b' } }],
    hooks: {
      activate: [{ exec: ['systemctl', 'reload', 'shop'], once: 'migrates', undo: { exec: ['true'] } }],
      health: [
        {
          httpProbe: 'https://localhost/',
          socket: '/run/shop.sock',
          headers: { Host: 'shop' },
          interval: '1s',
          attempt: '500ms',
          timeout: '1m',
        },
      ],
      failed: [{ script: 'journalctl --unit "$1"', args: ['shop'], cwd: 'logs' }],
    },
    env: { PYTHONUNBUFFERED: '1' },
    parallel: 10,
    heartbeat: '30s',
  },
]

/** Texts that mean something somewhere in a configuration. */
export const WORDS = [
  ...[
    'project',
    'hosts',
    'stages',
    'hooks',
    'verify',
    'recipes',
    'env',
    'secret',
    'exec',
    'script',
    'local',
    'undo',
  ],
  ...[
    'kind',
    'argv',
    'timeoutMs',
    'http-probe',
    'httpProbe',
    'once',
    'label',
    'python',
    'http',
    'web1',
    'web2',
  ],
  ...[
    'production',
    'status',
    'shared',
    'staging',
    'before:switch',
    'verfy',
    '30s',
    '1e9h',
    '0.0000001ms',
    '25d',
  ],
  ...[
    '~/x',
    '/',
    '//',
    '/a/../b',
    'user@host:22',
    '[::1]:2222',
    'a@b@c',
    ':',
    '@',
    '-oProxyCommand=x',
    '*.tar.gz',
  ],
  ...['DEPLOY_STAGE', 'http://a:b@c/', 'file:///etc/passwd', '$import', 'extends', 'default'],
]

/** A configuration with something else in a few places. */
export const almostConfigurations: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(...configurations), jsonEdits(WORDS))
  .map(([configuration, edits]) => jsonEdited(configuration, edits))
