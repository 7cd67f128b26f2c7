import { expect, test } from 'vitest'
import { notify } from '../../recipes/notify.ts'
import { secret } from '../../src/index.ts'
import { refusal } from '../recipe/refusal.ts'
import { aContext } from './contexts.ts'

const url = 'https://hooks.example.com/services/T0/B0/not-to-be-seen'

/** What a configuration in JSON or YAML, which has no compiler, is told. */
const untyped = (options?: unknown) => refusal(() => Reflect.apply(notify, undefined, [options])).split('\n')

test('wants one message, and nothing of any host', () => {
  const recipe = notify({
    url: secret('SLACK_URL'),
    on: ['failure'],
    message: '{{ outcome }}',
    timeout: '1s',
  })
  expect(recipe.steps(aContext([]))).toEqual({})
  expect(recipe.finished).toEqual([
    {
      kind: 'webhook',
      url: { secret: 'SLACK_URL' },
      on: ['failure'],
      message: '{{ outcome }}',
      timeoutMs: 1_000,
    },
  ])
})

test('tells every end by default, and waits for a few seconds at most', () => {
  expect(notify({ url }).finished).toMatchObject([
    { on: ['success', 'failure', 'rollback'], timeoutMs: 3_000 },
  ])
})

test('is the same as JSON writes it', () => {
  expect(Reflect.apply(notify, undefined, [{ url: { secret: 'SLACK_URL' } }]).finished).toEqual(
    notify({ url: secret('SLACK_URL') }).finished,
  )
})

test.each([
  [undefined, ["notify: expected an object with options: { url: secret('SLACK_URL') }"]],
  [{ url, onn: ['success'] }, ["onn: unknown key 'onn' -> did you mean 'on'? allowed: on, message, timeout"]],
  [{ url, on: ['sucess'] }, [/^on\[0\]: .* -> did you mean 'success'\?$/]],
  [{ url, on: [] }, [/^on: expected at least one end/]],
  [{ url, timeout: '1m' }, [/^timeout: expected a duration of at most 10s/]],
  [
    { url, message: '{{ stagee }} {{ }}' },
    [/^message: line 1, column 14: '\{\{' begins no placeholder/, /\{\{ stagee \}\} -> did you mean 'stage'/],
  ],
])('refuses %j when it is made', (options, expected) => {
  expect(untyped(options)).toEqual(
    expected.map(line => (typeof line === 'string' ? line : expect.stringMatching(line))),
  )
})

test.each(['ftp://x/not-to-be-seen', 'https://ana:not-to-be-seen@x/', 'not-to-be-seen', 7])(
  'refuses %j, and does not repeat it',
  wrong => {
    const [said = '', ...more] = untyped({ url: wrong })
    expect(more).toEqual([])
    expect(said).toMatch(/^url: expected an http or https URL/)
    expect(said).not.toMatch(/not-to-be-seen/)
  },
)
