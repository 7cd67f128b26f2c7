import { isDuration } from '../options/limits.ts'
import type { OptionFault } from '../options/refused-options.ts'
import { faultsAlone, isInside, isObject, isText, type Rule, rule } from '../options/rules.ts'
import { commandsIn } from './commands.ts'
import { readListen } from './listen.ts'
import type { ServiceOptions } from './options.ts'
import { placeholdersIn } from './placeholders.ts'
import { REVISION } from './start.ts'

const isFull = (value: unknown) => isText(value) && value !== ''
const isAbsolute = (value: unknown) => isText(value) && /^\/.*[^/]$/.test(value)
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'string' && words.includes(value)
const isArguments = (value: unknown) => Array.isArray(value) && value.every(isText)

function isListen(value: unknown): boolean {
  if (!isObject(value)) return readListen(value) !== undefined
  const places = Object.values(value)
  return places.length > 0 && places.every(place => readListen(place) !== undefined)
}

function isCommand(value: unknown): boolean {
  if (Array.isArray(value)) return isArguments(value) && isFull(value[0])
  if (!isObject(value)) return false
  const commands = Object.values(value)
  return commands.length > 0 && commands.every(command => Array.isArray(command) && isCommand(command))
}

/** Environment variables of POSIX.1-2017, Base Definitions 3.235, with lower case. What the service is told itself cannot be set. */
const isEnv = (value: unknown) =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, text]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('DEPLOY_') && isText(text),
  )

function isSupervisor(value: unknown): boolean {
  if (!isObject(value)) return false
  return Object.entries(value).every(([key, given]) => {
    if (given === undefined) return true
    return key === 'sudo'
      ? typeof given === 'boolean'
      : isOneOf('config', 'directory')(key) && isAbsolute(given)
  })
}

const rules: Readonly<Record<keyof ServiceOptions, Rule>> = {
  name: rule(
    value => isText(value) && /^[a-z][a-z0-9-]*$/.test(value),
    "lower-case letters, digits and -: 'shop'",
  ),
  manager: rule(
    isOneOf('systemd', 'systemd-user', 'supervisor'),
    "'systemd-user', 'systemd' or 'supervisor'",
  ),
  server: rule(isOneOf('gunicorn', 'uvicorn', 'hypercorn'), "'gunicorn', 'uvicorn' or 'hypercorn'"),
  app: rule(
    value => isText(value) && /^[\w.]+(?::\S+)?$/.test(value),
    "module:object, such as 'shop.wsgi:application'",
  ),
  listen: rule(
    isListen,
    "a port, 'address:port', the absolute path of a socket, or one of these for each stage: { production: 8000 }",
  ),
  workers: rule(value => Number.isInteger(value) && Number(value) >= 1, 'a whole number of at least 1'),
  args: rule(isArguments, 'a list of arguments, without control characters'),
  environment: rule(isInside, 'a directory inside the revision'),
  command: rule(
    isCommand,
    'a program and its arguments as a list, without control characters, or such a list for each stage',
  ),
  user: rule(value => isText(value) && /^[a-z_][a-z0-9_-]*\$?$/i.test(value), 'the name of an account'),
  restart: rule(isOneOf('on-failure', 'always', 'no'), "'on-failure', 'always' or 'no'"),
  directory: rule(value => value === '.' || isInside(value), "'.', or a directory inside the revision"),
  env: rule(isEnv, 'variables by name, texts in one line, none of which begins with DEPLOY_'),
  reload: rule(isOneOf('HUP', 'USR1', 'USR2'), "'HUP', 'USR1' or 'USR2'"),
  start: rule(isDuration, "a duration such as '5m'"),
  within: rule(isDuration, "a duration such as '30s'"),
  steady: rule(isDuration, "a duration such as '3s'"),
  supervisor: rule(
    isSupervisor,
    '{ config: an absolute path, directory: an absolute path, sudo: true or false }',
  ),
}

/** Everything that is wrong with the options, each alone and all of them together. */
export function faultsOf(options: ServiceOptions): readonly OptionFault[] {
  if (!isObject(options)) return [missing('name', 'options: a name, and a server or a command')]
  const alone = faultsAlone(options, rules)
  return alone.length > 0 ? alone : together(options)
}

/** What no option can know of the others. The compiler knows most of it. */
function together(options: ServiceOptions): readonly OptionFault[] {
  const { name, server, app, command, listen, manager = 'systemd-user', user, supervisor, reload } = options
  const faults: (OptionFault | undefined)[] = [
    ...revisionOutOfPlace(options),
    name === undefined ? missing('name', 'the first half of the name of its unit') : undefined,
    server === undefined && command === undefined ? missing('server', 'a server, or a command') : undefined,
    server !== undefined && command !== undefined
      ? { key: 'command', message: 'there is a server already: one of the two' }
      : undefined,
    server !== undefined && app === undefined
      ? missing('app', "module:object, such as 'shop.wsgi:application'")
      : undefined,
    server !== undefined && listen === undefined ? missing('listen', 'a port or a socket') : undefined,
    manager === 'systemd-user' && user !== undefined
      ? {
          key: 'user',
          message: "a user unit runs as the deploy account; manager: 'systemd' runs it as another one",
        }
      : undefined,
    manager !== 'supervisor' && supervisor !== undefined
      ? { key: 'supervisor', message: "only with manager: 'supervisor'" }
      : undefined,
    server === 'gunicorn' && reload !== undefined
      ? {
          key: 'reload',
          message:
            'gunicorn stays in the revision that it was started in, whatever signal it gets: leave it out',
        }
      : undefined,
  ]
  return [...faults.filter(fault => fault !== undefined), ...placeFaults(options)]
}

/** It is known when the service is started, to the shell that starts it: in arguments alone. */
function revisionOutOfPlace({ command, env = {} }: ServiceOptions): readonly OptionFault[] {
  const message = `${REVISION} stands in arguments only`
  const programs = command === undefined ? [] : commandsIn(command).map(([program = '']) => program)
  return [
    ...(programs.some(program => program.includes(REVISION))
      ? [{ key: 'command', message: `${message}: a relative program is one of the revision already` }]
      : []),
    ...(Object.values(env).some(text => text.includes(REVISION))
      ? [{ key: 'env', message: `${message}: a service finds the path in DEPLOY_PATH` }]
      : []),
  ]
}

const missing = (key: string, what: string): OptionFault => ({
  key,
  message: `expected ${what}, found nothing`,
})

/** A program listens only where it is told to. */
function placeFaults({ command, env = {}, listen }: ServiceOptions): readonly OptionFault[] {
  if (command === undefined) return []
  const places = commandsIn(command).map(argv => {
    const texts = [...argv, ...Object.values(env)]
    return placeholdersIn(texts).find(name => name !== 'stage')
  })
  const first = places.find(place => place !== undefined)
  if (listen === undefined && first !== undefined)
    return [
      { key: 'listen', message: `expected where it listens, since there is a {${first}}, found nothing` },
    ]
  if (listen !== undefined && places.includes(undefined))
    return [
      { key: 'command', message: 'it is not told where to listen: write {port} or {socket}, here or in env' },
    ]
  return []
}
