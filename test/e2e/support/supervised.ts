import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fleet } from '../../support/fleet.ts'
import { programPath } from '../../support/requirements.ts'
import type { TestHost } from '../../support/test-host.ts'
import { asRoot } from './faults.ts'
import type { ReleaseOptions } from './releases.ts'

/** Where the account's own supervisord reads its programs, in its home. */
const PROGRAMS = 'programs'

/** Starts a supervisord of the deploy account's own on every host. @returns what the recipe is told of it */
export async function superviseOn(fleet: Fleet): Promise<object> {
  for (const host of fleet.hosts) await startSupervisord(host)
  const [{ user }] = firstOf(fleet)
  const home = `/home/${user}`
  return { config: `${home}/supervisord.conf`, directory: `${home}/${PROGRAMS}`, sudo: false }
}

const firstOf = ({ hosts }: Fleet): readonly [TestHost] => {
  const [first] = hosts
  if (first === undefined) throw new Error('a fleet has a host')
  return [first]
}

async function startSupervisord(host: TestHost): Promise<void> {
  const home = `/home/${host.user}`
  const configuration = [
    '[supervisord]',
    `logfile=${home}/supervisord.log`,
    `pidfile=${home}/supervisord.pid`,
    `childlogdir=${home}`,
    '[unix_http_server]',
    `file=${home}/supervisor.sock`,
    '[rpcinterface:supervisor]',
    'supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface',
    '[supervisorctl]',
    `serverurl=unix://${home}/supervisor.sock`,
    '[include]',
    `files=${home}/${PROGRAMS}/*.conf`,
  ]
  await must(host, ['mkdir', PROGRAMS])
  await must(host, ['tee', 'supervisord.conf'], `${configuration.join('\n')}\n`)
  await must(host, [programPath('supervisord'), '-c', `${home}/supervisord.conf`])
}

/** Starts root's supervisord as Debian's package has it, and lets the account become root. */
export async function superviseByRoot(host: TestHost): Promise<void> {
  const rule = `${host.user} ALL=(root) NOPASSWD: ALL`
  const lines = [
    'set -e',
    'test -e /var/run || ln -s /run /var/run',
    'mkdir -p /var/log/supervisor /etc/sudoers.d',
    `echo '${rule}' > /etc/sudoers.d/deploy; chmod 0440 /etc/sudoers.d/deploy`,
    `${programPath('supervisord')} -c /etc/supervisor/supervisord.conf`,
  ]
  await asRoot(host, lines.join('\n'))
}

/** Runs a program on the host. @returns what it printed @throws when it fails */
export async function must(host: TestHost, argv: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await host.run(argv, { input })
  if (code !== 0) throw new Error(`${host.name}: ${argv.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

/** The definition of a service on one host; undefined: there is none. */
export const definitionOn = async (host: TestHost, unit: string): Promise<string | undefined> =>
  await readFile(join(host.home, PROGRAMS, `${unit}.conf`), 'utf8').catch(() => undefined)

/** Puts a definition there that nobody wrote for a stage. */
export async function putDefinition(host: TestHost, unit: string, text: string): Promise<void> {
  await mkdir(join(host.home, PROGRAMS), { recursive: true })
  await writeFile(join(host.home, PROGRAMS, `${unit}.conf`), text)
}

const ASK = `
import json, sys, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:%s/" % sys.argv[1], timeout=10).read().decode())
`

/** What the application says when it is asked from its own host. */
export async function answerOf(host: TestHost, port: number): Promise<unknown> {
  return JSON.parse(await must(host, ['/usr/bin/python3', '-c', ASK, `${port}`]))
}

const SERVE = `
import json, os, sys
from wsgiref.simple_server import make_server

def application(environ, start_response):
    from shop import late
    start_response("200 OK", [("Content-Type", "application/json")])
    said = {"version": late.VERSION, "from": late.__file__, "revision": os.environ["DEPLOY_REVISION"], "greeting": os.environ.get("GREETING"), "arguments": sys.argv[2:]}
    return [json.dumps(said).encode()]

if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
`

/**
 * A WSGI application that says of which revision it is, by a module that it imports when it is asked and not before.
 *
 * @param before what its server does first: it may not come up at all
 */
export const application = (version: string, before = ''): ReleaseOptions => ({
  files: { 'shop/serve.py': `${before}\n${SERVE}`, 'shop/late.py': `VERSION = "${version}"\n` },
})
