import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { addressWebhooks, sendWebhooks } from '../../src/cli/send-webhooks.ts'
import { secretValues } from '../../src/config/secret-values.ts'
import type { Emit } from '../../src/model/event.ts'
import type { PlannedWebhook } from '../../src/model/plan.ts'
import type { EnvValue } from '../../src/model/step.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that notes what is posted and answers with a status; undefined: never. */
async function serve(
  status: number | undefined,
): Promise<{ url: string; posted: string[]; stop: () => void }> {
  const posted: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      posted.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`)
      if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end('no_service')
    })
  })
  servers.push(server)
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/not-to-be-seen`, posted, stop: () => server.close() }
}

const aWebhook = (url: EnvValue, timeoutMs = 5_000): PlannedWebhook => ({
  kind: 'webhook',
  origin: 'notify',
  on: ['success'],
  message: '',
  url,
  timeoutMs,
})

/** Sends, and tells what was warned about. */
async function warningsOf(
  finished: readonly PlannedWebhook[],
  env: Readonly<Record<string, string>> = {},
  abandoned = new AbortController().signal,
): Promise<readonly string[]> {
  const warnings: string[] = []
  const emit: Emit = event => {
    if (event.type === 'problem')
      warnings.push(`${event.problem.severity} ${event.problem.where}: ${event.problem.message}`)
  }
  const values = secretValues({
    environment: env,
    directory: '/',
    home: '/',
    onHost: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  })
  const { addressed } = await addressWebhooks({ finished }, values, emit)
  await sendWebhooks(addressed, () => 'shop is "live"', { emit, abandoned })
  return warnings
}

test('posts the text as JSON to every webhook', async () => {
  const first = await serve(200)
  const second = await serve(204)
  expect(await warningsOf([aWebhook(first.url), aWebhook({ secret: 'HOOK' })], { HOOK: second.url })).toEqual(
    [],
  )
  const said = 'POST /not-to-be-seen application/json; charset=utf-8 {"text":"shop is \\"live\\""}'
  expect([first.posted, second.posted]).toEqual([[said], [said]])
})

describe('a message that is not taken is a warning without the URL', () => {
  test.each([500, 404, 302])('where the server answers %i', async status => {
    const { url } = await serve(status)
    expect(await warningsOf([aWebhook(url)])).toEqual([
      `warning notify: the message about this run was not taken: status ${status}`,
    ])
  })

  test('where nobody listens', async () => {
    const { url, stop } = await serve(200)
    stop()
    expect(await warningsOf([aWebhook(url)])).toEqual([
      'warning notify: the message about this run was not taken: no connection (ECONNREFUSED)',
    ])
  })

  test('where the server never answers, when its time is over, and the others have theirs', async () => {
    const hanging = await serve(undefined)
    const well = await serve(200)
    expect(await warningsOf([aWebhook(hanging.url, 200), aWebhook(well.url)])).toEqual([
      'warning notify: the message about this run was not taken: no answer in time',
    ])
    expect([hanging.posted.length, well.posted.length]).toEqual([1, 1])
  })
})

test('nothing is waited for when somebody leaves at once', async () => {
  const { url } = await serve(undefined)
  // The longest time there is: were it waited for, this test would not end in its own.
  expect(await warningsOf([aWebhook(url, 2 ** 31 - 1)], {}, AbortSignal.abort())).toHaveLength(1)
})

describe('a URL that is not there is warned about before the run', () => {
  test.each([
    [{}, 'the secret HOOK is not set'],
    [{ HOOK: '' }, 'the secret HOOK is empty'],
    [{ HOOK: 'not-to-be-seen' }, 'the secret HOOK is no http or https URL'],
  ])('with %j', async (env, why) => {
    expect(await warningsOf([aWebhook({ secret: 'HOOK' })], { ...env })).toEqual([
      `warning notify: nobody will be told how this run ends: ${why}`,
    ])
  })
})
