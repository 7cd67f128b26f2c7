import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { definitionOf } from '../../recipes/service/definition.ts'
import type { ServiceOptions } from '../../recipes/service/options.ts'
import { readSettings } from '../../recipes/service/settings.ts'
import { startArgv } from '../../recipes/service/start.ts'
import { HOST_PYTHON } from '../support/requirements.ts'
import { mustRun } from '../support/run-program.ts'

/** Says from where the running process has imported the application, and whether what only the build makes is there. */
const page = `
import json
try:
    from page import built
except ImportError:
    built = None

def answer():
    return json.dumps({"from": __file__, "built": built is not None}).encode()
`
const wsgi = `
from page import answer

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [answer()]
`
const asgi = `
from page import answer

async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError(scope["type"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": answer()})
`
const serve = `
import sys
from wsgiref.simple_server import make_server
from page.wsgi import app

make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
`
const tree = { '__init__.py': page, 'wsgi.py': wsgi, 'asgi.py': asgi, 'serve.py': serve }
/** Console scripts as pip writes them, of servers that are Debian's here. */
const scripts = {
  gunicorn: 'from gunicorn.app.wsgiapp import run as main',
  uvicorn: 'from uvicorn.main import main',
  hypercorn: 'from hypercorn.__main__ import main',
}

async function write(directory: string, files: Readonly<Record<string, string>>, mode = 0o644) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text, { mode })
  }
}

/** A root with a live revision: its source tree, and its environment with what was built of that, and more. */
async function liveRevision(layout: 'flat' | 'src') {
  const root = await mkdtemp(join(tmpdir(), 'stage-start-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const revision = join(root, 'shop-1.0')
  await write(join(revision, layout === 'src' ? 'src/page' : 'page'), tree)
  await write(revision, { 'gunicorn-of-ours.py': 'proc_name = "ours"\n' })
  const environment = join(revision, '.env')
  await mustRun([HOST_PYTHON, '-m', 'venv', '--without-pip', '--system-site-packages', environment])
  const [python = ''] = await readdir(join(environment, 'lib'))
  await write(join(environment, 'lib', python, 'site-packages/page'), { ...tree, 'built.py': '' })
  const interpreter = `#!${environment}/bin/python`
  const console = Object.entries(scripts).map(([name, start]) => [
    name,
    `${interpreter}\nimport sys\n${start}\nif __name__ == "__main__":\n    sys.exit(main())\n`,
  ])
  await write(join(environment, 'bin'), Object.fromEntries(console), 0o755)
  await symlink('shop-1.0', join(root, 'production'))
  return { root, revision }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  await new Promise(closed => server.close(closed))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** Starts the service as its manager would, as a Python below 3.11 is started: it does not know PYTHONSAFEPATH. */
async function started(root: string, options: ServiceOptions) {
  const where = { project: 'shop', stage: 'production', host: 'web1', root, deployUser: 'deploy' }
  const { start, env } = definitionOf(readSettings(options), where)
  const [program = '', ...args] = startArgv(start)
  const { PYTHONSAFEPATH: _, ...known } = env
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], ...known },
    cwd: '/',
    detached: true,
  })
  let said = ''
  child.stderr.on('data', text => {
    said += text
  })
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  })
  return { child, said: () => said }
}

async function answerOf(port: number): Promise<unknown> {
  return await (await fetch(`http://127.0.0.1:${port}/`)).json()
}

const programs: Readonly<Record<string, (port: number) => ServiceOptions>> = {
  gunicorn: listen => ({ name: 'shop', server: 'gunicorn', app: 'page.wsgi:app', listen }),
  'gunicorn with a file of the revision': listen => ({
    ...{ name: 'shop', server: 'gunicorn', app: 'page.wsgi:app', listen },
    args: ['-c', '{revision}/gunicorn-of-ours.py'],
  }),
  uvicorn: listen => ({ name: 'shop', server: 'uvicorn', app: 'page.asgi:app', listen }),
  'uvicorn with workers': listen => ({
    ...{ name: 'shop', server: 'uvicorn', app: 'page.asgi:app', listen, workers: 2 },
  }),
  hypercorn: listen => ({ name: 'shop', server: 'hypercorn', app: 'page.asgi:app', listen }),
  'python -m': listen => ({
    ...{ name: 'shop', command: ['.env/bin/python', '-m', 'page.serve', '{port}'], listen },
  }),
  'a command': listen => ({
    ...{
      name: 'shop',
      command: ['.env/bin/gunicorn', '--bind', '{address}:{port}', 'page.wsgi:app'],
      listen,
    },
  }),
}

describe.each(['flat', 'src'] as const)('of a project in the %s layout', layout => {
  test.each(Object.entries(programs))(
    '%s serves what was installed',
    { timeout: 60_000 },
    async (_, optionsFor) => {
      const { root, revision } = await liveRevision(layout)
      const port = await freePort()
      const { said } = await started(root, optionsFor(port))
      const answered = await expect
        .poll(async () => await answerOf(port).catch(() => said()), { timeout: 30_000 })
        .toMatchObject({ built: true })
        .then(() => answerOf(port))
      expect(answered).toEqual({ from: expect.stringMatching(`^${revision}/\\.env/lib/`), built: true })
    },
  )
})

test('a service starts where it is told to, below the revision', async () => {
  const { root, revision } = await liveRevision('src')
  const whereIs = {
    name: 'shop',
    command: ['/bin/sh', '-c', 'pwd >&2; printf "%s\\n" "$@" >&2', '-'],
  } as const
  const told = async (options: object, args: readonly string[] = []) => {
    const { child, said } = await started(root, {
      ...whereIs,
      ...options,
      command: [...whereIs.command, ...args],
    })
    await new Promise(closed => child.once('close', closed))
    return said()
  }
  expect(await told({})).toBe(`${revision}\n\n`)
  expect(await told({ directory: 'src' })).toBe(`${revision}/src\n\n`)
  expect(await told({ directory: 'src' }, ['a {revision}/x:{revision}', "$HOME 'b'"])).toBe(
    `${revision}/src\na ${revision}/x:${revision}\n$HOME 'b'\n`,
  )
})
