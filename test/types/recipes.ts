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
  webhook,
  writeFile,
} from 'stage-deploy'
import { django } from 'stage-deploy/recipes/django'
import { http } from 'stage-deploy/recipes/http'
import { notify } from 'stage-deploy/recipes/notify'
import { python } from 'stage-deploy/recipes/python'
import { service } from 'stage-deploy/recipes/service'
import { stagetools } from 'stage-deploy/recipes/stagetools'

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

export const answers = [
  httpProbe('http://x/', {
    matches: ['^ok', 'up$'],
    json: { 'build.version': ['1.4.0', 'v1.4.0'], up: true },
  }),
  http({
    url: 'http://x/',
    version: { json: 'version' },
    boot: { argv: ['serve', '{port}'], version: true },
  }),
  http({ boot: { argv: ['serve', '{socket}'], slot: 'before:switch', env: { TOKEN: secret('TOKEN') } } }),
]

// @ts-expect-error a pattern is written as text: Python looks for it
httpProbe('http://x/', { matches: /ok/ })

// @ts-expect-error what is booted has a program
http({ boot: { path: '/health' } })

// @ts-expect-error the new revision is asked before the switch
http({ boot: { argv: ['serve', '{port}'], slot: 'health' } })

// @ts-expect-error a version is named anywhere, or by a path in JSON
http({ url: 'http://x/', version: '1.4.0' })

export const told = [
  notify({ url: secret('CHAT_URL'), on: ['failure', 'rollback'], message: '{{ outcome }}', timeout: '5s' }),
  defineRecipe({ name: 'told', finished: [webhook('https://chat.example.com/hook', { on: ['success'] })] }),
]

// @ts-expect-error a message goes somewhere
notify({ on: ['failure'] })

// @ts-expect-error no run ends like that
notify({ url: secret('CHAT_URL'), on: ['put-back'] })

// @ts-expect-error a step is none
defineRecipe({ name: 'told', finished: [exec(['true'])] })
export const staged = defineRecipe({
  name: 'staged',
  check: ({ stage, paths }) => [`${stage} ${paths.link}`],
  stageSteps: ({ stage, paths }) => ({ activate: [exec(['restart', stage, paths.link])] }),
  claims: ({ stage, host, root, project }) => [`${stage} ${host.name} ${root} ${project}`],
})

defineRecipe({
  name: 'early',
  // @ts-expect-error up to the seal there is no stage
  stageSteps: () => ({ build: [exec(['true'])] }),
})

defineRecipe({
  name: 'neutral',
  // @ts-expect-error what every stage shares cannot know one
  steps: ({ stage }) => ({ activate: [exec(['restart', stage])] }),
})

export const services = [
  service({
    name: 'shop',
    server: 'gunicorn',
    app: 'shop.wsgi',
    listen: { production: 8000, staging: '/run/s.sock' },
  }),
  service({
    name: 'shop',
    server: 'uvicorn',
    app: 'shop:app',
    listen: '[::1]:8000',
    manager: 'systemd',
    user: 'www-data',
  }),
  service({
    name: 'worker',
    command: ['.env/bin/celery'],
    manager: 'supervisor',
    supervisor: { sudo: false },
  }),
]

service({ name: 'each', command: { staging: ['serve', '-q'], production: ['serve'] } })

// @ts-expect-error a program has its arguments in a list
service({ name: 'each', command: { production: 'serve' } })

// @ts-expect-error a service has a program
service({ name: 'shop' })

// @ts-expect-error and one of them
service({ name: 'shop', server: 'gunicorn', app: 'shop', listen: 8000, command: ['serve'] })

// @ts-expect-error a server listens somewhere
service({ name: 'shop', server: 'gunicorn', app: 'shop' })

// @ts-expect-error no such server
service({ name: 'shop', server: 'waitress', app: 'shop', listen: 8000 })

// @ts-expect-error a socket is an absolute path
service({ name: 'shop', server: 'gunicorn', app: 'shop', listen: 'run/shop.sock' })

// @ts-expect-error a unit of the account runs as the account
service({ name: 'shop', command: ['serve'], user: 'www-data' })

// @ts-expect-error that is for supervisord
service({ name: 'shop', command: ['serve'], manager: 'systemd', supervisor: { sudo: false } })

// @ts-expect-error everybody can read a unit
service({ name: 'shop', command: ['serve'], env: { TOKEN: secret('TOKEN') } })
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

python({ timeout: '45m' })

// @ts-expect-error a duration has a unit
python({ timeout: { build: '30' } })

// @ts-expect-error nothing of this name has a limit
python({ timeout: { wheels: '30m' } })

// @ts-expect-error nothing is migrated, so there is nothing to undo
django({ settings: 'shop.settings', migrate: 'check', undo: ['migrate', 'shop', 'zero'] })

// @ts-expect-error a key is a variable of the stage, and never in the configuration
django({ settings: 'shop.settings', secretKey: secret('SECRET_KEY') })

// @ts-expect-error a host is asked by a command
secret('KEY', { host: 'web1' })

export const systems = [
  stagetools({ stages: { staging: 'q', production: { class: 'p', name: 'prod', user: '{system}' } } }),
  stagetools({ stages: { live: 'p' }, system: 'aaa_env_setup:SYSTEM', coreRepo: 'backend' }),
]

// @ts-expect-error the class of a stage is said
stagetools({})

// @ts-expect-error there are four classes
stagetools({ stages: { staging: 's' } })

// @ts-expect-error a name says its class
stagetools({ stages: { production: { class: 'p', name: 'demo' } } })

// @ts-expect-error a class is never guessed
stagetools({ stages: { production: { name: 'prod' } } })

// @ts-expect-error a module and what is in it
stagetools({ stages: { production: 'p' }, system: 'aaa_env_setup' })
