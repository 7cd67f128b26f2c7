/** What must not compile in steps and recipes, and what is inferred. Nothing here is run: `npm run types` checks it. */
import {
  bootProbe,
  type CallContext,
  call,
  defineRecipe,
  exec,
  type Fact,
  fact,
  httpProbe,
  local,
  minutes,
  pythonFact,
  type Recipe,
  script,
  secret,
  sh,
  writeFile,
} from 'stage-deploy'
import { django } from '../../recipes/django.ts'

export const recipe: Recipe = defineRecipe({
  name: 'migrations',
  requires: ['psql'],
  facts: {
    free: fact(['df', '-Pk', '.'], stdout => Number(stdout)),
    pythons: pythonFact('print()', (stdout): readonly string[] => stdout.split('\n')),
  },
  check: ({ facts, fleet }) => {
    const free: number = facts.free
    const all: readonly string[] = [...fleet.values()].flatMap(answers => answers.pythons)
    // @ts-expect-error no such question was asked
    const other: unknown = facts.fere
    // @ts-expect-error a fact has the type that its parser returned
    const text: string = facts.free
    return [`${free} ${all} ${other} ${text}`]
  },
  env: ({ facts }) => ({ FREE: facts.free.toFixed(0) }),
  steps: ({ intent, revision }) =>
    intent === 'rollback' ? {} : { 'before:switch': [exec(['migrate', revision.version], { once: 'db' })] },
})

export const none: Recipe = defineRecipe({ name: 'none' })

export const parsed: Fact<number> = fact(['nproc'], Number)

defineRecipe({
  name: 'typo',
  // @ts-expect-error a slot that does not exist
  steps: () => ({ 'before:swich': [exec(['true'])] }),
})

// @ts-expect-error a recipe has a name
defineRecipe({ steps: () => ({}) })

// @ts-expect-error a secret cannot be an argument: everybody on the host can read a process list
exec(['login', secret('TOKEN')])

// @ts-expect-error nor a value of a script
sh`login ${secret('TOKEN')}`

// @ts-expect-error nor a header
httpProbe('http://x/', { headers: { Authorization: secret('TOKEN') } })

// @ts-expect-error a program is not a command line
exec('make test')

// @ts-expect-error a script is written with sh, so that values are no part of its text
script('rm -rf x')

// @ts-expect-error an option that does not exist
exec(['make'], { tiemout: minutes(5) })

// @ts-expect-error a duration names its unit
exec(['make'], { timeout: 30 })

// @ts-expect-error a probe starts no program that could have variables
httpProbe('http://x/', { env: { A: 'b' } })

export const written = [
  writeFile('/etc/shop.conf', 'port {{ PORT }}\n', { mode: '0640', sudo: true, env: { PORT: '80' } }),
  bootProbe(['serve', '{port}'], {
    path: '/health',
    status: [200, 204],
    contains: 'ok',
    timeout: minutes(1),
  }),
  call('Tell', async ({ env, host, signal, print }: CallContext) => {
    const name: string | undefined = env['DEPLOY_STAGE']
    print(`${host} ${name} ${signal.aborted}`)
  }),
  exec(['systemctl', 'restart', 'shop'], { sudo: true, undo: call('Tell', async () => {}) }),
  script(sh`id`, { sudo: true }),
]

// @ts-expect-error a file has a text
writeFile('/etc/shop.conf')

// @ts-expect-error bits are octal, as a text
writeFile('/etc/shop.conf', '', { mode: 644 })

// @ts-expect-error a mode begins with 0
writeFile('/etc/shop.conf', '', { mode: '644' })

// @ts-expect-error a secret is given as a variable, and named in the text
writeFile('/etc/shop.conf', secret('TOKEN'))

// @ts-expect-error a boot probe has no URL of its own: it asks where the program was told to listen
bootProbe(['serve', '{port}'], { url: 'http://x/' })

// @ts-expect-error a path begins with a slash
bootProbe(['serve', '{port}'], { path: 'health' })

// @ts-expect-error a boot probe leaves nothing that could be undone
bootProbe(['serve', '{port}'], { undo: exec(['true']) })

// @ts-expect-error nor does it undo anything
exec(['true'], { undo: bootProbe(['serve', '{port}']) })

// @ts-expect-error what is started as root cannot be ended by the deploy account in every case
bootProbe(['serve', '{port}'], { sudo: true })

// @ts-expect-error a function is async
call('Tell', () => 'now')

// @ts-expect-error a plan shows what it is called
call(async () => {})

// @ts-expect-error a function has no directory of its own
call('Tell', async () => {}, { cwd: 'src' })

// @ts-expect-error sudo is for hosts
local(['make'], { sudo: true })

// @ts-expect-error a probe starts no program
httpProbe('http://x/', { sudo: true })

// @ts-expect-error yes or no: root is the only one
exec(['true'], { sudo: 'root' })

export const projects = [
  django({ settings: 'shop.settings' }),
  django({
    settings: 'shop.settings',
    failLevel: 'WARNING',
    migrateOn: 'db',
    timeout: '2h',
    undo: ['migrate', 'shop', 'zero'],
  }),
  django({ settings: 'shop.settings', static: false, secretKey: false, check: false, migrate: 'check' }),
]

// @ts-expect-error Django has to be told where its settings are
django({ static: 'static' })

// @ts-expect-error no such level
django({ settings: 'shop.settings', failLevel: 'warning' })

// @ts-expect-error nothing is checked
django({ settings: 'shop.settings', check: false, failLevel: 'ERROR' })

// @ts-expect-error nothing is migrated, so there is nothing to undo
django({ settings: 'shop.settings', migrate: 'check', undo: ['migrate', 'shop', 'zero'] })

// @ts-expect-error a key is a variable of the stage, and never in the configuration
django({ settings: 'shop.settings', secretKey: secret('SECRET_KEY') })

// @ts-expect-error a host is asked by a command
secret('KEY', { host: 'web1' })
