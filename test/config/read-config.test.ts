import { describe, expect, test } from 'vitest'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { fact } from '../../src/recipe/fact.ts'
import { httpProbe } from '../../src/recipe/http-probe.ts'
import { local } from '../../src/recipe/local.ts'
import { script } from '../../src/recipe/script.ts'
import { secret } from '../../src/recipe/secret.ts'
import { sh } from '../../src/recipe/sh.ts'
import { problemsOf, resolved } from './written.ts'

const twoHosts = {
  hosts: { web1: 'web1.example.com', web2: { address: 'web2.example.com', labels: ['web', 'db'] } },
  stages: { production: { hosts: ['web1', 'web2'] } },
}

describe('a configuration that says the least', () => {
  test('has every default filled in', () => {
    expect(resolved()).toMatchInlineSnapshot(`
      {
        "artifact": {
          "build": undefined,
          "sdist": "dist/*.tar.gz",
        },
        "directory": "/shop",
        "env": {},
        "file": "/shop/stage.config.ts",
        "fileTimeoutMs": 600000,
        "heartbeatMs": 30000,
        "hooks": {},
        "hosts": Map {
          "web1" => {
            "address": "web1.example.com",
            "client": "node-ssh",
            "identityFile": undefined,
            "jump": undefined,
            "knownHostsFile": undefined,
            "labels": [],
            "name": "web1",
            "port": undefined,
            "python": "python3",
            "root": "/var/webcode",
            "user": undefined,
          },
        },
        "parallel": 50,
        "project": "shop",
        "recipes": [
          {
            "builders": [],
            "check": [Function],
            "claims": [Function],
            "env": [Function],
            "expect": undefined,
            "facts": {},
            "finished": [],
            "name": "python",
            "requires": [],
            "reserves": [
              {
                "option": "python({ environment })",
                "path": ".env",
              },
            ],
            "stageSteps": [Function],
            "steps": [Function],
          },
        ],
        "shared": {
          "directories": [],
          "files": [],
        },
        "ssh": {
          "configFile": undefined,
          "connectTimeoutMs": 10000,
          "forwardAgent": false,
          "hostKeys": "strict",
          "knownHostsFile": undefined,
        },
        "stages": Map {
          "production" => {
            "accepts": [
              "final",
              "post",
              "rc",
              "beta",
              "alpha",
              "dev",
              "local",
            ],
            "activate": {
              "batch": undefined,
              "pauseMs": 0,
            },
            "after": undefined,
            "builtBy": [],
            "env": {},
            "hooks": {},
            "hosts": [
              "web1",
            ],
            "keepRevisions": 5,
            "name": "production",
          },
        },
        "verify": [],
        "version": {
          "kind": "sdist",
        },
        "versions": "pep440",
      }
    `)
  })
})

describe('every problem', () => {
  test('is said at once, with its place, what was found and what is allowed', () => {
    expect(
      problemsOf({
        project: 'shop!',
        rot: '/srv',
        hosts: {
          web1: { address: 'web1', prot: 22, labels: 'web' },
          '-x': 'web2:99999',
          db: {},
        },
        stages: {
          Production: { hosts: ['wbe1'], keepRevisions: 1, accepts: ['fnal'], aftr: 'empty' },
          status: { hosts: { label: 'wbe' } },
          empty: { hosts: [], env: { PORT: 80 }, hooks: { verify: [{ exec: [] }], 'befor:switch': [] } },
        },
        recipes: ['pyton', 5],
        verify: [{ exec: ['make'], timeout: '5 minutes' }],
        hooks: { activate: [{ exce: ['make'] }] },
        parallel: 0,
        heartbeat: '2s',
        ssh: { hostKeys: 'no', forwardAgent: 'yes' },
      }),
    ).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 27 problems
        rot: unknown key 'rot' -> did you mean 'root'? allowed: project, root, artifact, versions, version, hosts, ssh, stages, recipes, verify, hooks, shared, env, parallel, heartbeat, fileTimeout
        project: expected a name of letters, digits and . _ -, a letter or a digit first and last (PEP 508), found a text
        ssh.hostKeys: expected 'strict' or 'accept-new', found a text
        ssh.forwardAgent: expected true or false, found a text
        hosts.web1.prot: unknown key 'prot' -> did you mean 'port'? allowed: address, user, port, identityFile, knownHostsFile, jump, labels, root, python, client
        hosts.web1.labels: expected a list of labels, found a text
        hosts.-x: the name of a host is letters, digits and _ . -, a letter or a digit first
        hosts.-x: expected a port from 1 to 65535, found a text
        hosts.db.address: expected an address, found nothing
        stages.Production: the name of a stage is lower-case letters, digits, _ and -, a letter first
        stages.Production.aftr: unknown key 'aftr' -> did you mean 'after'? allowed: hosts, accepts, after, builtBy, keepRevisions, activate, env, hooks
        stages.Production.hosts[0]: there is no host 'wbe1' -> did you mean 'web1'? the hosts are: web1, -x, db
        stages.Production.accepts[0]: expected 'final' or 'post' or 'rc' or 'beta' or 'alpha' or 'dev' or 'local', found a text -> did you mean 'final'?
        stages.Production.keepRevisions: expected a whole number of at least 2, found 1
        stages.status: 'status' is a command and cannot name a stage
        stages.status.hosts.label: no host has the label 'wbe' -> there are none
        stages.empty.hosts: a stage needs a host
        stages.empty.env.PORT: expected a text or secret('NAME'), found a number -> variables are texts: put it in quotes
        stages.empty.hooks.verify[0].exec: there is no program to run -> write it as a list: ['.env/bin/python', '-m', 'shop']
        stages.empty.hooks.befor:switch: there is no slot 'befor:switch' -> did you mean 'before:switch'? the slots are: before:upload, upload, after:upload, before:build, build, after:build, before:verify, verify, after:verify, before:switch, after:switch, before:activate, activate, after:activate, before:health, health, after:health, before:prune, prune, after:prune, failed
        stages.empty.hooks.verify: steps of 'verify' cannot be set per stage: until the switch a revision knows no stage -> set them for all stages, or use before:switch or a later slot
        recipes[0]: there is no recipe 'pyton' -> did you mean 'python'? there are: python
        recipes[1]: expected a recipe: what a recipe's function returned, a name, or { name: options }, found a number
        verify[0].timeout: expected a duration such as '500ms', '30s', '5m' or '2h', found a text
        hooks.activate[0]: expected a step, found an object -> did you mean 'exec'? a step is exec, script, writeFile, sendFile, httpProbe, bootProbe, local: { "exec": ["make"] } or exec(['make'])
        parallel: expected a whole number of at least 1, found 0
        heartbeat: expected a duration from 3s to 24 days, found '2s'"
    `)
  })

  test('of a configuration without anything is that', () => {
    expect(problemsOf({ project: undefined, hosts: undefined, stages: undefined })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 3 problems
        project: expected the name of the project, found nothing
        hosts: expected hosts by name, found nothing
        stages: expected stages by name, found nothing"
    `)
  })
})

describe('the name of a stage', () => {
  const named = (stage: string, project = 'shop') =>
    problemsOf({ project, stages: { [stage]: { hosts: ['web1'] } } })

  test.each([
    ['shop-1', 'shop'],
    ['shop-1rc1', 'shop'],
    ['my_shop-2', 'My-Shop'],
    ['my-shop-2', 'my.shop'],
  ])('cannot be %s, a revision of %s, whose directory stands beside it', (stage, project) => {
    expect(named(stage, project)).toContain(`'${stage}' is also the name of a revision of ${project}`)
  })

  test.each(['shop', 'shop-eu', 'store-1', 'shop-1-eu'])('can be %s', stage => {
    expect(resolved({ stages: { [stage]: { hosts: ['web1'] } } }).stages.has(stage)).toBe(true)
  })
})

describe('a root', () => {
  test.each(['srv', '/', '/srv/../x', '/srv/', '//srv', '/a\nb', '~/srv'])('cannot be %j', root => {
    expect(problemsOf({ root })).not.toBe('accepted')
  })

  test('with a detour is refused with the straight one', () => {
    expect(problemsOf({ root: '/srv/./shop/' })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        root: expected the path without detours: '/srv/shop', found a text"
    `)
  })

  test.each(["/srv/it's", '/srv/a b', '/srv/käse', '/srv/$(id)'])('can be %s', root => {
    expect(resolved({ root }).hosts.get('web1')?.root).toBe(root)
  })
})

describe('hosts', () => {
  test('in both spellings are the same', () => {
    const { hosts } = resolved({
      hosts: { a: 'deploy@[2001:db8::1]:2222', b: { address: '2001:db8::2', user: 'deploy', port: 2222 } },
      stages: { production: { hosts: ['a', 'b'] } },
    })
    expect({ ...hosts.get('a'), name: 'b', address: '2001:db8::2' }).toEqual(hosts.get('b'))
  })

  test('have paths of the runner from the directory of the configuration or from home', () => {
    const hosts = { web1: { address: 'web1', identityFile: 'keys/id', knownHostsFile: '~/.ssh/known_shop' } }
    expect(resolved({ hosts }).hosts.get('web1')).toMatchObject({
      identityFile: '/shop/keys/id',
      knownHostsFile: '/home/ana/.ssh/known_shop',
    })
  })

  test('take the client of all where they name none', () => {
    const hosts = { web1: 'web1', here: { address: 'localhost', client: 'local' } }
    const stages = { production: { hosts: ['web1', 'here'] } }
    const config = resolved({ hosts, stages, ssh: { client: 'openssh' } })
    expect([...config.hosts.values()].map(host => host.client)).toEqual(['openssh', 'local'])
  })

  test.each([
    [{ web1: 'ana@web1', web2: 'bob@WEB1:22' }],
    [{ web1: 'web1:2222', web2: { address: 'web1', port: 2222 } }],
  ])('of one address, port and root are one host under two names: %j', hosts => {
    expect(problemsOf({ hosts, stages: { production: { hosts: ['web1', 'web2'] } } })).toBe(
      "config: /shop/stage.config.ts has a problem\n  hosts.web2: 'web2' and 'web1' are the same address, port and root",
    )
  })

  test('of one address with different roots are two', () => {
    const hosts = { web1: 'web1', web2: { address: 'web1', root: '/srv/other' } }
    expect(problemsOf({ hosts, stages: { production: { hosts: ['web1', 'web2'] } } })).toBe('accepted')
  })

  test('in no stage were forgotten', () => {
    expect(problemsOf({ ...twoHosts, stages: { production: { hosts: ['web1'] } } })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        hosts.web2: the host 'web2' is in no stage -> add it to one, or remove it"
    `)
  })

  test('whose address carries user and port are told where these go', () => {
    expect(problemsOf({ hosts: { web1: { address: 'ana@web1:22' } } })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        hosts.web1.address: expected an address of letters, digits and _ . -, no - first, found a text -> the keys \`user\` and \`port\` are for these"
    `)
  })

  test.each(['./python3', 'bin/python', '-c', ''])('cannot have the Python %j', python => {
    expect(problemsOf({ hosts: { web1: { address: 'web1', python } } })).not.toBe('accepted')
  })

  test('are reached through hops, each of them a destination', () => {
    expect(problemsOf({ hosts: { web1: { address: 'web1', jump: 'gate,ana@inner:2222' } } })).toBe('accepted')
    expect(problemsOf({ hosts: { web1: { address: 'web1', jump: 'gate,-oProxyCommand=id' } } })).not.toBe(
      'accepted',
    )
  })
})

describe('the hosts of a stage', () => {
  test('by label are all that have it, by name', () => {
    const hosts = {
      b: { address: 'b', labels: ['web'] },
      a: { address: 'a', labels: ['web'] },
      c: { address: 'c', labels: ['db'] },
    }
    const config = resolved({ hosts, stages: { web: { hosts: { label: 'web' } }, db: { hosts: ['c'] } } })
    expect(config.stages.get('web')?.hosts).toEqual(['a', 'b'])
  })

  test('that are not configured are said with the one that was probably meant', () => {
    expect(
      problemsOf({ ...twoHosts, stages: { production: { hosts: ['web1', 'wbe2'] } } }),
    ).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        stages.production.hosts[1]: there is no host 'wbe2' -> did you mean 'web2'? the hosts are: web1, web2"
    `)
  })

  test('by a label that no host has are none', () => {
    expect(
      problemsOf({ ...twoHosts, stages: { production: { hosts: { label: 'wbe' } } } }),
    ).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        stages.production.hosts.label: no host has the label 'wbe' -> did you mean 'web'? the labels are: web, db"
    `)
  })

  test('are named once each', () => {
    expect(problemsOf({ stages: { production: { hosts: ['web1', 'web1'] } } })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        stages.production.hosts[1]: the host 'web1' is named twice"
    `)
  })
})

describe('steps', () => {
  test.each([
    ['exec', { exec: ['make', 'it'], timeout: '30s' }, exec(['make', 'it'], { timeout: '30s' })],
    ['script', { script: 'ls "$1"', args: ['a b'] }, script(sh`ls ${'a b'}`)],
    ['local', { local: ['make'], once: false }, local(['make'], { once: false })],
    ['httpProbe', { httpProbe: 'http://x/', status: 204 }, httpProbe('http://x/', { status: 204 })],
    [
      'a secret and an undo',
      { exec: ['x'], env: { A: { secret: 'B' } }, undo: { exec: ['y'] } },
      exec(['x'], { env: { A: secret('B') }, undo: exec(['y']) }),
    ],
  ])('spelled as in JSON are those of the constructors: %s', (_name, spelled, built) => {
    expect(resolved({ verify: [spelled] }).verify).toEqual([built])
  })

  test.each([
    exec(['x'], { timeout: '5m', env: { A: 'b' }, cwd: 'src', once: true, undo: false, title: 'X' }),
    local(['x']),
    script(sh`echo ${'x'}`),
    httpProbe('http://x/', { headers: { Host: 'x' }, contains: 'ok', undo: exec(['y']) }),
  ])('of the constructors stay as they are: $title', step => {
    expect(resolved({ verify: [step] }).verify).toEqual([step])
  })

  test('of a step that undoes another one are not undone themselves, however often one leads to the next', () => {
    const endless: Record<string, unknown> = { exec: ['y'] }
    endless['undo'] = endless
    expect(problemsOf({ verify: [{ exec: ['x'], undo: endless }] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        verify[0].undo.undo: what undoes a step is not undone itself -> leave this one out"
    `)
  })

  test('made by hand follow the rules of the constructors', () => {
    const byHand = { ...exec(['x']), argv: ['x', secret('TOKEN')], cwd: '/tmp' }
    expect(problemsOf({ verify: [byHand] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 2 problems
        verify[0].argv[1]: a secret cannot be an argument: everybody on the host can read a process list -> give it to the step as a variable: env: { NAME: secret(…) }
        verify[0].cwd: expected a relative directory without '..'"
    `)
  })

  test('that run once on a host with a label need a host that has it', () => {
    const written = {
      ...twoHosts,
      verify: [exec(['x'], { once: 'bd' })],
      hooks: { activate: [exec(['x'], { once: 'db' })] },
    }
    expect(problemsOf(written)).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        verify[0].once: no host has the label 'bd' -> did you mean 'db'? the labels are: web, db"
    `)
  })

  test('of a stage begin at the switch, for until then a revision knows no stage', () => {
    const stages = { production: { hosts: ['web1'], hooks: { 'after:build': [exec(['x'])] } } }
    expect(problemsOf({ stages })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        stages.production.hooks.after:build: steps of 'after:build' cannot be set per stage: until the switch a revision knows no stage -> set them for all stages, or use before:switch or a later slot"
    `)
  })
})

describe('recipes', () => {
  const asking = () => defineRecipe({ name: 'free', facts: { free: fact(['df'], Number) } })

  test('that come with the tool can be written by name, with or without options', () => {
    const { recipes } = resolved({ recipes: ['python', { python: { requires: '>=3.9' } }] })
    expect(recipes.map(recipe => recipe.name)).toEqual(['python', 'python'])
  })

  test('can be none at all', () => {
    expect(resolved({ recipes: [] }).recipes).toEqual([])
  })

  test('refuse their own options with their place', () => {
    expect(problemsOf({ recipes: [{ python: { requirs: '3' } }] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0].python: python: requirs is not an option"
    `)
  })

  test('that were not called are no recipes', () => {
    expect(problemsOf({ recipes: [asking] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: expected a recipe: what a recipe's function returned, a name, or { name: options }, found a function -> call it: python() instead of python"
    `)
  })

  test('that ask hosts something stand only once: answers are kept by the name of the recipe', () => {
    expect(problemsOf({ recipes: [asking(), asking()] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[1]: there is a recipe 'free' already, at [0]"
    `)
  })
})

describe('the artifact', () => {
  test('is a glob, or says how it is built as well', () => {
    expect(resolved({ artifact: 'out/*.tar.gz' }).artifact).toEqual({
      sdist: 'out/*.tar.gz',
      build: undefined,
    })
    expect(resolved({ artifact: { build: ['make', 'sdist'] } }).artifact).toEqual({
      sdist: 'dist/*.tar.gz',
      build: ['make', 'sdist'],
    })
  })
})
