import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { djangoProject, lightEnvironment } from '../e2e/support/django-project.ts'
import { problemsOf } from '../e2e/support/events.ts'
import { everywhere, links } from '../e2e/support/hosts.ts'
import { makeProject } from '../e2e/support/project.ts'
import { release } from '../e2e/support/releases.ts'
import { must } from '../e2e/support/supervised.ts'
import { bootedFleetOf } from './support/booted-fleet-of.ts'

const fleet = await bootedFleetOf(['web1', 'web2'], {
  packages: ['python3-django', 'python3-gunicorn'],
  overrides: { web1: { suite: 'bookworm' }, web2: { suite: 'trixie' } },
})

const ASK = `
import http.client, sys
asking = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
asking.request("GET", "/", headers={"Host": "localhost"})
print(asking.getresponse().status)
`

/** A project that answers every path with 404: it has no views. */
const SETTINGS = `
ROOT_URLCONF = "shop.urls"
ALLOWED_HOSTS = ["localhost"]
`
const FILES = {
  'shop/urls.py': 'urlpatterns = []\n',
  'shop/wsgi.py':
    'from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n',
}

test('a Django project is served by gunicorn on two releases of Debian, with one key and its migrations', async () => {
  const made = await makeProject(fleet, {
    recipes: [
      { django: { settings: 'shop.settings' } },
      {
        service: {
          ...{ name: 'shop', listen: 8060, env: { DJANGO_SETTINGS_MODULE: 'shop.settings' } },
          command: ['.env/bin/python', '-m', 'gunicorn', '--bind', '{address}:{port}', 'shop.wsgi'],
        },
      },
    ],
    hooks: { build: lightEnvironment },
    stages: { production: { hosts: ['web1', 'web2'] } },
  })
  const project = djangoProject(SETTINGS, FILES)
  for (const version of ['1.0', '2.0']) {
    const run = await made.deploy(['production', await release(made, version, project), '--json'])
    expect({
      code: run.code,
      problems: problemsOf(run),
      stderr: run.code === 0 ? '' : run.stdout + run.stderr,
    }).toEqual({
      ...{ code: 0, problems: [], stderr: '' },
    })
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, `shop-${version}`))
    for (const host of fleet.hosts) {
      expect(await must(host, ['/usr/bin/python3', '-c', ASK, '8060'])).toBe('404\n')
    }
  }
  const [first, second] = await Promise.all(
    fleet.hosts.map(({ name }) => readFile(join(made.rootOf(name), 'shared/production.env'), 'utf8')),
  )
  expect(first).toMatch(/^SECRET_KEY=.{64}$/m)
  expect(second).toBe(first)
})
