import type { EnvValue, Secret } from '../model/step.ts'
import { hasUserInfo } from '../shell/credentials.ts'
import { readArgv } from './argv.ts'
import type { Place } from './place.ts'
import { isPlainObject, readEntries, readFields, readText, unexpected } from './readers.ts'

/** Names that every shell can read and set: POSIX.1-2017, Base Definitions 3.235, with lower case. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** What every step is told about its run: a configuration that set one would make it lie. */
export const deployVariables = [
  'DEPLOY_PROJECT',
  'DEPLOY_STAGE',
  'DEPLOY_HOST',
  'DEPLOY_REVISION',
  'DEPLOY_VERSION',
  'DEPLOY_PREVIOUS',
  'DEPLOY_ROOT',
  'DEPLOY_PATH',
  'DEPLOY_LINK',
  'DEPLOY_SHARED',
] as const

/** Variables in which pip and build backends find URLs and proxies. */
const readByPip = /^(?:pip_\w+|\w+_proxy)$/i

/** Variables for steps. Only here may a value be a secret. */
export function readEnv(value: unknown, place: Place): Readonly<Record<string, EnvValue>> {
  const entries = readEntries(value, place, 'variables by name')
  return Object.fromEntries(
    entries.map(([name, written]) => {
      readVariableName(name, place.at(name))
      if (deployVariables.some(reserved => reserved === name))
        place.at(name).wrong('reserved-variable', `${name} is set for every step and cannot be set by hand`)
      if (readByPip.test(name) && typeof written === 'string' && hasUserInfo(written))
        place
          .at(name)
          .wrong(
            'plain-password',
            `${name} has a user or a password, which every plan would show`,
            "write secret('NAME')",
          )
      return [name, readEnvValue(written, place.at(name))]
    }),
  )
}

/** The name of a variable, to be set or to be looked up. */
export function readVariableName(value: unknown, place: Place): string {
  if (typeof value !== 'string' || !variableName.test(value))
    unexpected(value, place, 'the name of a variable: letters, digits and _, no digit first')
  return typeof value === 'string' ? value : ''
}

const secretKeys = ['secret', 'file', 'command', 'host'] as const

/** A secret and, unless it is in the environment, where it is read. */
export function readSecret(value: unknown, place: Place): Secret {
  const { secret: written, file, command, host } = readFields(value, place, secretKeys)
  const secret = readVariableName(written, place.at('secret'))
  if (file !== undefined && command !== undefined)
    place.wrong('secret-twice', 'a secret is read from a file or from a command, not from both')
  if (file !== undefined) return { secret, file: readText(file, place.at('file'), 'a path') }
  if (host !== undefined && command === undefined)
    place.wrong('secret-host', 'a host is asked for a secret by a command', 'say which: command')
  if (command === undefined) return { secret }
  const argv = readArgv(command, place.at('command'))
  return host === undefined
    ? { secret, command: argv }
    : { secret, command: argv, host: readText(host, place.at('host'), 'the name of a host') }
}

function readEnvValue(value: unknown, place: Place): EnvValue {
  if (isPlainObject(value)) {
    return readSecret(value, place)
  }
  if (typeof value === 'number' || typeof value === 'boolean')
    unexpected(value, place, "a text or secret('NAME')", 'variables are texts: put it in quotes')
  else if (typeof value !== 'string') unexpected(value, place, "a text or secret('NAME')")
  else if (value.includes('\0'))
    place.wrong('nul', 'a variable with a NUL byte cannot be handed to a program')
  return typeof value === 'string' ? value : ''
}
