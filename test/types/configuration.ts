/**
 * What must not compile in a configuration. Nothing here is run: `npm run types` fails when a line below
 * `@ts-expect-error` compiles after all.
 */
import {
  defineConfig,
  defineRecipe,
  exec,
  httpProbe,
  local,
  minutes,
  type Recipe,
  script,
  secret,
  sh,
} from 'stage-deploy'
import { python } from 'stage-deploy/recipes/python'

const hosts = {
  web1: 'deploy@web1.example.com',
  web2: { address: 'web2.example.com', port: 2222, labels: ['web'] },
  db1: { address: 'db1.example.com', labels: ['db', 'spare'] },
} as const

export const right = defineConfig({
  project: 'shop',
  root: '/var/webcode',
  artifact: { sdist: 'dist/*.tar.gz', build: ['python3', '-m', 'build', '--sdist'] },
  hosts: {
    web1: 'deploy@web1.example.com',
    web2: { address: 'web2.example.com', port: 2222, labels: ['web', 'db'] },
  },
  ssh: { client: 'openssh', hostKeys: 'accept-new', connectTimeout: '5s' },
  stages: {
    staging: { hosts: ['web1'] },
    production: { hosts: ['web1', 'web2'], keepRevisions: 5, hooks: { activate: [exec(['true'])] } },
    web: { hosts: { label: 'web' } },
  },
  verify: [exec(['make'], { timeout: minutes(5), env: { TOKEN: secret('TOKEN') } })],
  hooks: { 'before:switch': [local(['make']), script(sh`ls ${'x'}`)], health: [httpProbe('http://x/')] },
  env: { MODE: 'live' },
  parallel: 10,
  heartbeat: '30s',
})

export const versioned = defineConfig({
  project: 'shop',
  versions: 'semver',
  version: { file: 'src/shop/__init__.py', pattern: /^__version__ = '(.+)'$/m },
  hosts,
  stages: {
    staging: { hosts: ['web1'], accepts: ['final', 'post', 'rc', 'beta', 'alpha', 'dev', 'local'] },
    production: { hosts: ['web2'], accepts: ['final', 'post'], after: 'staging' },
  },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: {
    staging: {
      hosts: ['web1'],
      // @ts-expect-error a channel that does not exist
      accepts: ['final', 'stable'],
    },
    production: {
      hosts: ['web1'],
      // @ts-expect-error there is no stage of this name
      after: 'stagin',
    },
    demo: {
      hosts: ['web1'],
      // @ts-expect-error a stage does not come after itself
      after: 'demo',
    },
  },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error a scheme that does not exist
  versions: 'auto',
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error a file without the pattern that finds the version in it
  version: { file: 'src/shop/__init__.py' },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error the only thing that is asked of git
  version: { git: 'log' },
})

export const rolling = defineConfig({
  project: 'shop',
  hosts,
  stages: {
    production: { hosts: ['web1'], activate: { batch: 1, pause: '5s' } },
    staging: { hosts: ['web2'], activate: { batch: '25%' } },
  },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: {
    // @ts-expect-error so many, or so much of them: a percentage has its sign
    production: { hosts: ['web1'], activate: { batch: '25' } },
    // @ts-expect-error a pause is between batches
    staging: { hosts: ['web1'], activate: { pause: '5s' } },
    // @ts-expect-error a duration names its unit
    trial: { hosts: ['web1'], activate: { batch: 1, pause: 5 } },
  },
})

export const elsewhere = defineConfig({
  project: 'shop',
  hosts,
  stages: { web: { hosts: { label: 'spare' } } },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: {
    // @ts-expect-error a host of this name is not configured
    staging: { hosts: ['wbe1'] },
    // @ts-expect-error no host has this label
    production: { hosts: { label: 'wbe' } },
  },
})

defineConfig({
  project: 'shop',
  hosts: { web1: 'web1.example.com' },
  stages: {
    // @ts-expect-error no host has any label
    production: { hosts: { label: 'web' } },
  },
})

defineConfig({
  project: 'shop',
  // @ts-expect-error a key of a host that does not exist
  hosts: { web1: { address: 'web1', prot: 22 } },
  stages: { production: { hosts: ['web1'] } },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: {
    // @ts-expect-error a key of a stage that does not exist
    production: { hosts: ['web1'], keepRevision: 5 },
    staging: {
      hosts: ['web1'],
      // @ts-expect-error a slot that does not exist
      hooks: { 'before:swich': [exec(['true'])] },
    },
    trial: {
      hosts: ['web1'],
      // @ts-expect-error until the switch a revision knows no stage
      hooks: { verify: [exec(['true'])] },
    },
  },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error `switch` has no inside
  hooks: { switch: [exec(['true'])] },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error a key of the configuration that does not exist
  recipe: [],
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error nothing turns the check of host keys off
  ssh: { hostKeys: 'no' },
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  // @ts-expect-error a duration names its unit
  heartbeat: 30,
})

// @ts-expect-error a configuration names its project
defineConfig({ hosts, stages: { production: { hosts: ['web1'] } } })

export const built = defineConfig({
  project: 'shop',
  hosts,
  stages: {
    ci: { hosts: ['db1'] },
    production: { hosts: ['web1', 'web2'], builtBy: ['ci'] },
    live: {
      hosts: ['web1'],
      // @ts-expect-error there is no stage of this name
      builtBy: ['cj'],
    },
    own: {
      hosts: ['web1'],
      // @ts-expect-error a stage installs what its own hosts build anyway
      builtBy: ['own'],
    },
  },
  recipes: [python(), python({ builder: 'web2' }), python({ builder: 'spare', timeout: { build: '2h' } })],
  fileTimeout: '30m',
})

defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  recipes: [
    // @ts-expect-error there is no host and no label of this name
    python({ builder: 'wbe2' }),
    // @ts-expect-error this machine builds nothing
    python({ builder: 'local' }),
    // @ts-expect-error a recipe of one's own says whom it lets build, too
    defineRecipe({ name: 'assets', builders: ['nodejs'] }),
  ],
})

/** A recipe that says no more of itself than that it is one names no builder. */
const assets = (): Recipe => defineRecipe({ name: 'assets', builders: [] })
export const shared = defineConfig({
  project: 'shop',
  hosts,
  stages: { production: { hosts: ['web1'] } },
  recipes: [assets(), defineRecipe({ name: 'docs', builders: ['db1'] })],
})
