import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ServiceOptions } from '../../recipes/service/options.ts'
import { service } from '../../recipes/service.ts'
import { programPath } from '../support/requirements.ts'
import { runProgram } from '../support/run-program.ts'
import { aContext } from './contexts.ts'

const facts = {
  ...{ user: 'deploy', home: '/home/deploy', systemd: true, linger: true, userManager: true },
  ...{ supervisor: undefined, definitions: new Map(), unlisted: undefined, readers: new Map() },
}

/** What is written on web1 for production. */
function definitionOf(options: ServiceOptions): string {
  const { activate = [] } = service(options).stageSteps({ ...aContext([]), facts: { manager: facts } })
  const written = activate.find(step => step.kind === 'write-file')
  return written?.kind === 'write-file' ? written.text.replaceAll('\\{{', '{{') : ''
}

const gunicorn = { name: 'shop', server: 'gunicorn', app: 'shop.wsgi:application', workers: 3 } as const
const hostile = [
  'a ;b "c" \'d\'',
  ';',
  '$HOME',
  `\${HOME}`,
  '50%',
  '%n',
  'back\\slash',
  '',
  '{{ X }}',
  '#',
  "it's",
]

describe('a unit of systemd', () => {
  test('says how the service is started out of the live revision, and nothing of which revision that is', () => {
    expect(
      definitionOf({ ...gunicorn, listen: '/run/shop/{stage}.sock', env: { LANG: 'de_DE.UTF-8' } }),
    ).toMatchInlineSnapshot(`
      "# Written by stage-deploy for /var/webcode/production: it is written anew when the stage is switched
      [Unit]
      Description=shop (production)

      [Service]
      Type=notify
      Environment=PYTHONNOUSERSITE=1
      Environment=PYTHONDONTWRITEBYTECODE=1
      Environment=PYTHONSAFEPATH=1
      Environment=LANG=de_DE.UTF-8
      Environment=DEPLOY_PROJECT=My.Shop
      Environment=DEPLOY_STAGE=production
      Environment=DEPLOY_HOST=web1
      Environment=DEPLOY_ROOT=/var/webcode
      Environment=DEPLOY_LINK=/var/webcode/production
      Environment=DEPLOY_SHARED=/var/webcode/shared
      EnvironmentFile=-/var/webcode/shared/production.env
      ExecStart=/bin/sh -c "cd -P -- \\"$$0\\" && export DEPLOY_PATH=\\"$$PWD\\" DEPLOY_REVISION=\\"$\${PWD##*/}\\" DEPLOY_VERSION=\\"$\${PWD##*-}\\" && program=$$PWD/$$2 && cd -- \\"./$$1\\" && shift 2 && exec \\"$$program\\" \\"$$@\\"" /var/webcode/production .env .env/bin/gunicorn --bind unix:/run/shop/production.sock --workers 3 shop.wsgi:application
      Restart=on-failure
      RestartSec=1
      KillMode=mixed
      TimeoutStopSec=10

      [Install]
      WantedBy=default.target
      "
    `)
  })

  test('of the system has an account, and comes after the network', () => {
    const text = definitionOf({
      ...gunicorn,
      listen: 8000,
      manager: 'systemd',
      user: 'www-data',
      restart: 'always',
    })
    expect(text.match(/^(?:User|After|WantedBy|Restart)=.*/gm)).toEqual([
      'After=network.target',
      'User=www-data',
      'Restart=always',
      'WantedBy=multi-user.target',
    ])
  })

  test.each<[string, ServiceOptions, string]>([
    [
      'gunicorn',
      { ...gunicorn, listen: 8000 },
      '.env .env/bin/gunicorn --bind 127.0.0.1:8000 --workers 3 shop.wsgi:application',
    ],
    [
      'uvicorn',
      { name: 'shop', server: 'uvicorn', app: 'shop:app', listen: '[::]:80', args: ['--proxy-headers'] },
      '.env .env/bin/uvicorn --host :: --port 80 --proxy-headers shop:app',
    ],
    [
      'uvicorn on a socket',
      { name: 'shop', server: 'uvicorn', app: 'shop:app', listen: '/run/s.sock' },
      '.env .env/bin/uvicorn --uds /run/s.sock shop:app',
    ],
    [
      'hypercorn out of another environment',
      { name: 'shop', server: 'hypercorn', app: 'shop:app', listen: '/run/s.sock', environment: 'venv' },
      'venv venv/bin/hypercorn --bind unix:/run/s.sock shop:app',
    ],
    ['a program of the host', { name: 'shop', command: ['/usr/bin/sleep', '9'] }, '. /usr/bin/sleep 9'],
    [
      'a program of an environment',
      { name: 'shop', command: ['.venv/bin/celery', '-A', 'shop'] },
      '.venv .venv/bin/celery -A shop',
    ],
    [
      'a program where it is told to',
      { name: 'shop', command: ['.env/bin/python', 'run.py'], directory: 'src' },
      'src .env/bin/python run.py',
    ],
  ])('starts %s', (_, options, command) => {
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(definitionOf(options)) ?? []
    expect(start.slice(start.indexOf('/var/webcode/production ') + '/var/webcode/production '.length)).toBe(
      command,
    )
  })

  test('of a program that can reload says how', () => {
    expect(definitionOf({ name: 'shop', command: ['serve'], reload: 'USR2' })).toContain(
      '\nExecReload=/bin/kill -s USR2 $MAINPID\n',
    )
  })

  test('can have a program of its own on each stage', () => {
    const command = {
      staging: ['shop_q/bin/python', '-m', 'serve'],
      production: ['shop_p/bin/python', '-m', 'serve'],
    }
    expect(definitionOf({ name: 'shop', command })).toContain(' shop_p/bin/python -m serve')
    expect(() => definitionOf({ name: 'shop', command: { staging: ['serve'] } })).toThrow(
      "the service 'shop' has no command on the stage 'production'",
    )
  })

  test.each<[string, ServiceOptions]>([
    ['gunicorn', { ...gunicorn, listen: 8000, env: { A: 'x y$ %"\\' } }],
    ['gunicorn of the system', { ...gunicorn, listen: 8000, manager: 'systemd' }],
    ['a program with hostile arguments', { name: 'shop', command: ['/bin/echo', ...hostile], reload: 'HUP' }],
  ])('is one by systemd-analyze verify: %s', async (_, options) => {
    const directory = await mkdtemp(join(tmpdir(), 'stage-unit-'))
    try {
      const unit = join(directory, 'shop-production.service')
      // The account has to be one of this machine.
      await writeFile(unit, definitionOf(options).replace('User=deploy', 'User=root'))
      const { code, stdout, stderr } = await runProgram([programPath('systemd-analyze'), 'verify', unit])
      expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 0, said: '' })
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})

/** Reads a program as supervisord does: its own code, up to the arguments of execve(2). */
const READ = `
import json, sys
from supervisor.options import UnhosedConfigParser
from supervisor.options import ServerOptions
import shlex
parser = UnhosedConfigParser()
parser.read_string(sys.stdin.read())
parser.expansions = {}
[section] = parser.sections()
print(json.dumps(shlex.split(parser.saneget(section, "command"))))
`

describe('a program of supervisord', () => {
  const read = async (text: string): Promise<readonly string[]> => {
    programPath('supervisord')
    const { stdout, stderr } = await runProgram(['/usr/bin/python3', '-c', READ], { input: text })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  test('has the arguments that it was given, whatever characters are in them', async () => {
    const command = await read(
      definitionOf({
        name: 'shop',
        command: ['.env/bin/serve', ...hostile],
        manager: 'supervisor',
        env: { A: ' ;x #y %' },
      }),
    )
    expect(command.slice(-hostile.length)).toEqual(hostile)
    expect(command.slice(0, 5)).toContain('A= ;x #y %')
  })

  test('that does not end is killed before the time of a put back is over', () => {
    expect(definitionOf({ name: 'shop', command: ['serve'], manager: 'supervisor' })).toContain(
      '\nstopwaitsecs=10\n',
    )
  })

  test('runs as the deploy account where supervisord is of root, or as whom it is told', () => {
    const user = (options: object) =>
      /^user=.*/m.exec(
        definitionOf({ name: 'shop', command: ['serve'], manager: 'supervisor', ...options }),
      )?.[0]
    expect([user({}), user({ user: 'www-data' }), user({ supervisor: { sudo: false } })]).toEqual([
      'user=deploy',
      'user=www-data',
      undefined,
    ])
  })
})
