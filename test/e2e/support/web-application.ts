import { exec } from '../../../src/index.ts'
import type { TestHost } from '../../support/test-host.ts'
import type { ReleaseOptions } from './releases.ts'

/** Where the live one answers, on every host. */
export const LIVE_PORT = 8000

const serve = `
import json, os, subprocess, sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
from shop import __version__

def application(environ, start_response):
    start_response(os.environ.get('SHOP_STATUS', '200 OK'), [('Content-Type', 'application/json')])
    return [json.dumps({'build': {'version': __version__}, 'path': environ['PATH_INFO']}).encode()]

class Handler(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass

if __name__ == '__main__':
    if 'SHOP_DATABASE' not in os.environ:
        sys.exit('SHOP_DATABASE is not set')
    print('starting', __version__, flush=True)
    subprocess.Popen(['sleep', '3600'])
    make_server('127.0.0.1', int(sys.argv[1]), application, handler_class=Handler).serve_forever()
`

/**
 * A WSGI application that is installed like any other. It answers with its version, needs a database to start, and has a
 * worker that does not end by itself.
 */
export const webApplication: ReleaseOptions = { files: { 'shop/__main__.py': serve } }

/** The same, and its main module cannot be imported. */
export const brokenApplication: ReleaseOptions = {
  files: { 'shop/__main__.py': 'print("about to import")\nimport no_such_module\n' },
}

export const program = ['.env/bin/python', '-m', 'shop']

const restart = `
test -e $DEPLOY_ROOT/asleep && exit
old=$(cat $DEPLOY_ROOT/live.pid 2> /dev/null) && kill -- -$old && while kill -0 $old 2> /dev/null; do sleep 0.1; done
setsid ${program.join(' ')} ${LIVE_PORT} > /dev/null 2>&1 < /dev/null &
echo $! > $DEPLOY_ROOT/live.pid
`

/** What a service manager does: the live one is ended, and the revision behind the link started. */
export const restarted = exec(['sh', '-c', restart], { env: { SHOP_DATABASE: 'live' } })

/** What the live one answers on a host. */
export async function answerOn(host: TestHost): Promise<unknown> {
  const ask = `import urllib.request as r; print(r.urlopen('http://127.0.0.1:${LIVE_PORT}/', timeout=5).read().decode())`
  const { stdout, stderr } = await host.run(['python3', '-c', ask])
  try {
    return JSON.parse(stdout).build.version
  } catch {
    return stderr
  }
}

/** Ends the live one, and whatever else is left of it. */
export async function endLive(host: TestHost): Promise<void> {
  for (const { pid, command } of await host.processes())
    if (/-m shop|sleep 3600/.test(command)) await host.run(['kill', '-9', `${pid}`])
}
