import { expect, test } from 'vitest'
import { configurationOf, expectedSystem, type SystemParts } from '../../recipes/stagetools/system.ts'

/** The system that stagetools expects by that name, at home and as the account of the same name. */
const at = (name: string, changes: Partial<SystemParts> = {}) => {
  const { configuration = '', stageName = '' } =
    /^(?<configuration>.+)_(?<stageName>.+)$/.exec(name)?.groups ?? {}
  const parts = { configuration, stageName, class: 'p', user: name, group: name } as const
  return expectedSystem({
    ...parts,
    baseDir: `/home/${name}`,
    coreRepo: undefined,
    coreApp: undefined,
    ...changes,
  })
}

test('a system has every attribute that stagetools derives from its name', () => {
  expect(at('shop_prod')).toMatchInlineSnapshot(`
    {
      "application_name": "application",
      "asgi_application": "stagetools.asgi:application",
      "asgi_module": "stagetools.asgi",
      "base_dir": "/home/shop_prod",
      "bin_dir": "/home/shop_prod/bin",
      "configuration": "shop",
      "container": "shop-prod",
      "core_app": "shop",
      "core_repo": "shop",
      "core_repo_dir": "/home/shop_prod/src/shop",
      "database_name": "shop_prod",
      "database_sqlite_path": "/home/shop_prod/shop.sqlite",
      "database_user": "shop_prod",
      "django_project": "stagetools_project",
      "django_rooturls": "stagetools_project.urls",
      "django_settings": "stagetools_project.settings",
      "django_wsgi_application": "stagetools.wsgi.application",
      "group": "shop_prod",
      "is_debug": false,
      "lib_dir": "/home/shop_prod/lib",
      "manage_py_path": "/home/shop_prod/src/shop/stagetools/manage.py",
      "media_dir": "/home/shop_prod/media",
      "media_url": "media/",
      "name": "shop_prod",
      "pip_path": "/home/shop_prod/bin/pip",
      "python_path": "/home/shop_prod/bin/python",
      "src_dir": "/home/shop_prod/src",
      "stage": 0,
      "stage_name": "prod",
      "static_dir": "/home/shop_prod/static",
      "static_url": "static/",
      "user": "shop_prod",
      "venv_dir": "/home/shop_prod",
      "wsgi_application": "stagetools.wsgi:application",
      "wsgi_module": "stagetools.wsgi",
    }
  `)
})

test.each<[string, 'p' | 'q' | 'i' | 'd', object]>([
  [
    'shop_q1',
    'q',
    { configuration: 'shop', stage_name: 'q1', stage: 1, is_debug: false, container: 'shop-q1' },
  ],
  [
    'my_shop_int2',
    'i',
    { configuration: 'my_shop', stage_name: 'int2', stage: 2, is_debug: true, container: 'my-shop-int2' },
  ],
  [
    'shop_dev',
    'd',
    { configuration: 'shop', stage_name: 'dev', stage: 3, is_debug: true, database_name: 'shop_dev' },
  ],
  ['a_b_c_d', 'd', { configuration: 'a_b_c', stage_name: 'd', core_repo: 'a_b_c', container: 'a-b-c-d' }],
])('%s is of class %s', (name, letter, attributes) => {
  expect(at(name, { class: letter })).toMatchObject({ name, user: name, group: name, ...attributes })
})

test('a core repository with another name is elsewhere, and so is the application in it', () => {
  expect(at('shop_q1', { class: 'q', baseDir: '/srv/x', coreRepo: 'myproject' })).toMatchObject({
    ...{ configuration: 'shop', core_repo: 'myproject', core_app: 'myproject' },
    ...{ core_repo_dir: '/srv/x/src/myproject', database_sqlite_path: '/srv/x/myproject.sqlite' },
    manage_py_path: '/srv/x/src/myproject/stagetools/manage.py',
  })
})

test.each([
  ['shop', 'shop'],
  ['My.Shop', 'my_shop'],
  ['my--shop', 'my_shop'],
])('the project %s is the configuration %s', (project, configuration) => {
  expect(configurationOf(project)).toBe(configuration)
})
