import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type SecretSources, secretValues } from '../../src/config/secret-values.ts'
import { StageError } from '../../src/model/stage-error.ts'
import { secret } from '../../src/recipe/secret.ts'
import { directoryWith, sentence } from './written.ts'

const sources = (directory = '/', changes: Partial<SecretSources> = {}): SecretSources => ({
  directory,
  home: directory,
  environment: { PATH: process.env['PATH'] },
  onHost: async () => undefined,
  signal: new AbortController().signal,
  ...changes,
})

const needed = (...secrets: readonly ReturnType<typeof secret>[]) =>
  secrets.map((one, index) => ({ secret: one, where: `env.${index}` }))

const sh = (script: string) => ({ command: ['sh', '-c', script] })

async function refused(from: SecretSources, ...secrets: readonly ReturnType<typeof secret>[]) {
  const error: unknown = await secretValues(from)
    .resolve(needed(...secrets))
    .catch((reason: unknown) => reason)
  if (error instanceof StageError) return sentence(error).replaceAll(from.directory, 'DIR')
  throw error
}

describe('a secret of the environment', () => {
  test('is the variable of its name, as it is', async () => {
    const from = sources('/', { environment: { ONE: '1\n', TWO: '2', THREE: '3' } })
    const values = await secretValues(from).resolve(needed(secret('ONE'), secret('TWO')))
    expect(values).toEqual(new Map(Object.entries({ ONE: '1\n', TWO: '2' })))
  })

  test('is named where it is missing, with every other, and an empty one is missing', async () => {
    const from = sources('/', { environment: { TWO: '' } })
    expect(await refused(from, secret('ONE'), secret('TWO'))).toMatchInlineSnapshot(`
      "config: 2 secrets are missing -> set them in the environment of this command
        env.0: the secret ONE is not set
        env.1: the secret TWO is empty"
    `)
  })
})

describe('a secret of a file', () => {
  test('is what stands in it without the line end behind it, by path from the configuration or from home', async () => {
    const directory = await directoryWith({ 'keys/one': 'a\n\n', two: ' b \r\n', three: '-----\nc\n-----\n' })
    const files = [
      secret('ONE', { file: 'keys/one' }),
      secret('TWO', { file: '~/two' }),
      secret('THREE', { file: join(directory, 'three') }),
    ]
    const values = await secretValues(sources(directory)).resolve(needed(...files))
    expect(values).toEqual(new Map(Object.entries({ ONE: 'a\n', TWO: ' b ', THREE: '-----\nc\n-----' })))
  })

  test('that is not there, not readable, empty or no text is said with its path, and never with its content', async () => {
    const directory = await directoryWith({ empty: '\n', nul: 'hunter2\0', long: 'x'.repeat(130_000) })
    const files = ['missing', '.', 'empty', 'nul', 'long'].map((file, index) => secret(`S${index}`, { file }))
    expect(await refused(sources(directory), ...files)).toMatchInlineSnapshot(`
      "config: 5 secrets are missing
        env.0: the secret S0 cannot be had: its file is not there -> it is read from DIR/missing
        env.1: the secret S1 cannot be had: its file is a directory, and not a file -> it is read from DIR
        env.2: the secret S2 is empty -> it is read from DIR/empty
        env.3: the secret S3 has a NUL byte, and no variable can take it -> it is read from DIR/nul
        env.4: the secret S4 cannot be had: its file has more than 122880 bytes, and no more than that is read -> it is read from DIR/long"
    `)
  })
})

describe('a secret of a command', () => {
  test('is what it prints, without the last line end, run where the configuration stands', async () => {
    const directory = await directoryWith({ key: 'x' })
    const values = await secretValues(sources(directory)).resolve(
      needed(secret('ONE', sh('echo "a b"; echo; ls')), secret('TWO', sh('printf c'))),
    )
    expect(values).toEqual(new Map(Object.entries({ ONE: 'a b\n\nkey', TWO: 'c' })))
  })

  test('is run once, however often the secret is asked for', async () => {
    const directory = await directoryWith({ count: '' })
    const values = secretValues(sources(directory))
    const one = secret('ONE', sh('echo run >> count; echo value'))
    await values.resolve(needed(one, one))
    expect(await values.resolve(needed(one))).toEqual(new Map([['ONE', 'value']]))
    expect(await readFile(join(directory, 'count'), 'utf8')).toBe('run\n')
  })

  test('that fails is said by how it ended, and never by what it printed', async () => {
    const directory = await directoryWith({ value: 'hunter2' })
    const commands = [
      sh('cat value; cat value >&2; exit 3'),
      sh('kill -9 $$'),
      { command: ['no-such-program-anywhere'] },
      sh('exit 0'),
      sh('yes "$(cat value)"'),
      sh("printf '\\377'"),
    ].map((source, index) => secret(`S${index}`, source))
    const said = await refused(sources(directory), ...commands)
    expect(said).toMatchInlineSnapshot(`
      "config: 6 secrets are missing
        env.0: the secret S0 cannot be had: its command ended with 3 -> run it by hand, in DIR: sh -c 'cat value; cat value >&2; exit 3'
        env.1: the secret S1 cannot be had: its command was killed by SIGKILL -> run it by hand, in DIR: sh -c 'kill -9 $$'
        env.2: the secret S2 cannot be had: its command is not there -> run it by hand, in DIR: no-such-program-anywhere
        env.3: the secret S3 is empty -> run it by hand, in DIR: sh -c 'exit 0'
        env.4: the secret S4 cannot be had: its command prints too much -> run it by hand, in DIR: sh -c 'yes "$(cat value)"'
        env.5: the secret S5 is not UTF-8 text, and no variable can take it -> run it by hand, in DIR: sh -c 'printf '\\''\\377'\\'''"
    `)
    expect(said.includes('hunter2')).toBe(false)
  })

  test('is given nothing to read', async () => {
    const values = await secretValues(sources()).resolve(needed(secret('ONE', sh('cat; echo end'))))
    expect(values).toEqual(new Map([['ONE', 'end']]))
  })

  test('is stopped when nobody waits for it any more', async () => {
    const stop = new AbortController()
    const values = secretValues(sources('/', { signal: stop.signal })).resolve(
      needed(secret('ONE', sh('sleep 600'))),
    )
    stop.abort()
    await expect(values).rejects.toMatchObject({ code: 'interrupted' })
  })
})

describe('a secret of a host', () => {
  const key = secret('KEY', { host: 'web2', command: ['print-key'] })

  test('is what a program prints there, run once', async () => {
    const asked: string[] = []
    const onHost = async (host: string, command: readonly string[]) => {
      asked.push(`${host}: ${command.join(' ')}`)
      return 'hunter2\n'
    }
    const values = await secretValues(sources('/', { onHost })).resolve(needed(key, key))
    expect({ values, asked }).toEqual({ values: new Map([['KEY', 'hunter2']]), asked: ['web2: print-key'] })
  })

  test('that fails there, or prints nothing, is missing', async () => {
    expect(await refused(sources(), key)).toMatchInlineSnapshot(`
      "config: a secret is missing
        env.0: the secret KEY cannot be had: its command failed on web2 -> it is read on web2"
    `)
    expect(await refused(sources('/', { onHost: async () => '\n' }), key)).toMatchInlineSnapshot(`
      "config: a secret is missing
        env.0: the secret KEY is empty -> it is read on web2"
    `)
  })

  test('is another than that of another host', async () => {
    const other = secret('KEY', { host: 'web1', command: ['print-key'] })
    expect(await refused(sources('/', { onHost: async () => 'a' }), key, other)).toMatchInlineSnapshot(`
      "config: a secret is missing
        env.1: the secret KEY is read from two different places -> write it the same everywhere"
    `)
  })
})

test('one name for two values is refused', async () => {
  const directory = await directoryWith({ a: '1' })
  expect(
    await refused(sources(directory), secret('ONE', { file: 'a' }), secret('ONE')),
  ).toMatchInlineSnapshot(`
    "config: a secret is missing
      env.1: the secret ONE is read from two different places -> write it the same everywhere"
  `)
})
