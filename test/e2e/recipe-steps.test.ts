import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootProbe, exec, secret, writeFile } from '../../src/index.ts'
import { eventsOf, outputOf, problemsOf } from './support/events.ts'
import { asRoot } from './support/faults.ts'
import { fleetOf, WITH_NAMESPACES } from './support/fleet-of.ts'
import { everywhere, links, runningOn } from './support/hosts.ts'
import { makeProject } from './support/project.ts'
import { release } from './support/releases.ts'

const fleet = await fleetOf(['web1', 'web2'])

/** An application that answers with its version, or as it is told; it has a worker that does not end by itself. */
const application = (version: string, status = 200) => ({
  files: {
    'serve.py': [
      'import http.server, socketserver, subprocess, sys',
      'place = sys.argv[1]',
      'subprocess.Popen(["sleep", "3600"])',
      'class Handler(http.server.BaseHTTPRequestHandler):',
      '    def do_GET(self):',
      `        self.send_response(${status}); self.end_headers(); self.wfile.write(b"version ${version}")`,
      '    def log_message(self, *_): pass',
      '    def address_string(self): return ""',
      'class Unix(socketserver.UnixStreamServer): pass',
      'print("listening", flush=True)',
      'where = (Unix, place) if "/" in place else (socketserver.TCPServer, ("127.0.0.1", int(place)))',
      'where[0](where[1], Handler).serve_forever()',
    ].join('\n'),
  },
})

describe('bootProbe', () => {
  const boot = (word: string, timeout: '20s' | '2s' = '20s') =>
    bootProbe(['python3', 'serve.py', word], { path: '/health', contains: 'version', timeout })

  test.each(['{port}', '{socket}'])(
    'starts the new revision on a %s beside the live one, and ends it',
    async word => {
      const made = await makeProject(fleet, { hooks: { 'before:switch': [boot(word)] } })
      const run = await made.deploy(['production', await release(made, '1.0', application('1.0')), '--json'])
      expect({ code: run.code, output: outputOf(run, 'web1', 'before:switch') }).toEqual({
        code: 0,
        output: ['listening'],
      })
      expect([await runningOn(fleet, 'web1'), await runningOn(fleet, 'web2')]).toEqual([[], []])
    },
  )

  test('that is not answered as expected rejects a revision in verify, and leaves nothing that runs', async () => {
    const made = await makeProject(fleet, { verify: [boot('{port}', '2s')] })
    const sdist = await release(made, '1.0', application('1.0', 503))
    const run = await made.deploy(['production', sdist, '--json'])
    expect(run.code).toBe(4)
    expect(run.stdout).toContain('status 503 instead of 200')
    expect(await runningOn(fleet, 'web1')).toEqual([])
    expect(problemsOf(await made.deploy(['production', sdist, '--json']))).toContain('web1: rejected')
  })

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'leaves nothing that runs when the runner gets %s',
    async signal => {
      const made = await makeProject(fleet, { hooks: { 'before:switch': [boot('{port}')] }, heartbeat: '3s' })
      const run = made.start(['production', await release(made, '1.0', application('1.0', 503)), '--json'])
      await run.printed('listening')
      run.signal(signal)
      await run.ended
      await expect.poll(() => runningOn(fleet, 'web1'), { timeout: 20_000 }).toEqual([])
      await expect.poll(() => runningOn(fleet, 'web2'), { timeout: 20_000 }).toEqual([])
      expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, null))
    },
  )
})

describe('writeFile', () => {
  const settings = writeFile(
    '{{ DEPLOY_ROOT }}/{{ DEPLOY_STAGE }}.env',
    'VERSION={{ DEPLOY_VERSION }}\nTOKEN={{ TOKEN }}\n',
    {
      env: { TOKEN: secret('TOKEN') },
    },
  )
  const TOKEN = 'not-to-be-seen'

  test('renders its template for every host, and writes the file for its owner alone where a secret is in it', async () => {
    const made = await makeProject(fleet, { hooks: { activate: [settings] } })
    const sdist = await release(made, '1.0')
    const dry = await made.deploy(['production', sdist, '--dry-run'])
    expect(
      dry.stdout
        .split('\n')
        .filter(line => line.includes('| '))
        .map(line => line.trim()),
    ).toEqual(['| VERSION=1.0', '| TOKEN=[secret TOKEN]'])
    const run = await made.deploy(['production', sdist, '--json'], { env: { TOKEN } })
    expect(run.code).toBe(0)
    const path = join(made.rootOf('web2'), 'production.env')
    expect(await readFile(path, 'utf8')).toBe(`VERSION=1.0\nTOKEN=${TOKEN}\n`)
    expect((await lstat(path)).mode & 0o777).toBe(0o600)
    expect(`${run.stdout}${run.stderr}`.includes(TOKEN)).toBe(false)
  })

  test('in activate is written for the old revision again when the switch is put back', async () => {
    const hooks = { activate: [settings] }
    const made = await makeProject(fleet, { hooks })
    await made.deploy(['production', await release(made, '1.0')], { env: { TOKEN } })
    await made.configure({ hooks: { ...hooks, health: [exec(['false'])] } })
    const run = await made.deploy(['production', await release(made, '2.0'), '--json'], { env: { TOKEN } })
    expect(run.code).toBe(5)
    expect(await readFile(join(made.rootOf('web1'), 'production.env'), 'utf8')).toBe(
      `VERSION=1.0\nTOKEN=${TOKEN}\n`,
    )
  })

  test('that asks for an unknown variable is refused before any host is changed', async () => {
    const made = await makeProject(
      fleet,
      { verify: [writeFile('stage', '{{ DEPLOY_STAGE }}')] },
      { format: 'json' },
    )
    const run = await made.deploy(['production', await release(made, '1.0'), '--json'])
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({
      code: 3,
      problems: ['web1: template', 'web2: template'],
    })
  })
})

describe('activate in batches', () => {
  const stages = (activate: object) => ({ production: { hosts: ['web1', 'web2'], activate } })
  const hooks = { activate: [exec(['sh', '-c', 'test ! -e $DEPLOY_ROOT/broken'])], health: [exec(['true'])] }
  const startedIn = (run: Awaited<ReturnType<Awaited<ReturnType<typeof makeProject>>['deploy']>>) =>
    eventsOf(run, 'step-started').flatMap(({ host, step }) => (step === 'activate/1' ? [host] : []))

  test('begins with a batch when the one before it has ended, with all links switched', async () => {
    const made = await makeProject(fleet, { hooks, stages: stages({ batch: '50%', pause: '100ms' }) })
    const run = await made.deploy(['production', await release(made, '1.0'), '--json'])
    const order = run.events.flatMap(({ type, host, step }) =>
      type === 'switched' || step === 'activate/1' ? [`${type} ${host}`] : [],
    )
    expect(order.slice(0, 2).toSorted()).toEqual(['switched web1', 'switched web2'])
    expect(order.slice(2)).toEqual(
      ['web1', 'web2'].flatMap(host => [`step-started ${host}`, `step-finished ${host}`]),
    )
  })

  test('begins with no further one after a failure, and puts all hosts back', async () => {
    const made = await makeProject(fleet, { hooks, stages: stages({ batch: 1 }) })
    expect((await made.deploy(['production', await release(made, '1.0')])).code).toBe(0)
    await fleet.host('web1').run(['touch', join(made.rootOn('web1'), 'broken')])
    const run = await made.deploy(['production', await release(made, '2.0'), '--json'])
    // Its undo is the same program, which fails there too: a person has to look at web1.
    expect({ code: run.code, began: startedIn(run) }).toEqual({ code: 6, began: ['web1'] })
    expect(await links(fleet, made, 'production')).toEqual(everywhere(fleet, 'shop-1.0'))
  })
})

describe.runIf(WITH_NAMESPACES)('sudo', () => {
  const stages = { production: { hosts: ['web1'] }, staging: { hosts: ['web2'] } }
  const TOKEN = 'not-to-be-seen'

  const allow = (rule: string) =>
    asRoot(
      fleet.host('web1'),
      'mkdir -p /etc/sudoers.d && cat > /etc/sudoers.d/deploy && chmod 0440 /etc/sudoers.d/deploy',
      rule === '' ? '' : `${fleet.host('web1').user} ALL=(root) ${rule}\n`,
    )

  test('runs a step as root with its variables and secrets, which stand in no argument', async () => {
    await allow('NOPASSWD: ALL')
    const shown = exec(
      ['sh', '-c', 'id -u; echo $TOKEN $DEPLOY_STAGE; cat /proc/$PPID/cmdline | tr "\\\\0" " "'],
      {
        sudo: true,
        env: { TOKEN: secret('TOKEN') },
      },
    )
    const unit = writeFile('/etc/shop.conf', 'version {{ DEPLOY_VERSION }}\n', { sudo: true, mode: '0640' })
    const made = await makeProject(fleet, { stages, hooks: { activate: [shown, unit] } })
    const run = await made.deploy(['production', await release(made, '1.0'), '--json'], { env: { TOKEN } })
    const [uid, variables, parent] = outputOf(run, 'web1', 'activate')
    expect({ code: run.code, uid, variables }).toEqual({ code: 0, uid: '0', variables: '[TOKEN] production' })
    // sudo cuts its own list of names apart.
    expect(parent).toMatch(/^sudo -n --preserve-env=[A-Z_ ,]*TOKEN -- sh -c /)
    expect(parent).not.toMatch(/\[TOKEN\]/)
    const file = await fleet.host('web1').run(['stat', '-c', '%U %a', '/etc/shop.conf'])
    expect(file.stdout.trim()).toBe('root 640')
  })

  test('ends what runs as root when the run is interrupted', async () => {
    await allow('NOPASSWD: ALL')
    const made = await makeProject(fleet, {
      stages,
      hooks: { 'before:switch': [exec(['sh', '-c', 'echo begun; sleep 3600'], { sudo: true })] },
    })
    const run = made.start(['production', await release(made, '1.0'), '--json'])
    await run.printed('begun')
    run.signal('SIGINT')
    expect((await run.ended).code).toBe(130)
    await expect.poll(() => runningOn(fleet, 'web1')).toEqual([])
  })

  test('takes a rule that names what may be run and lets variables through', async () => {
    const made = await makeProject(fleet, {
      stages,
      hooks: { activate: [exec(['/usr/bin/env'], { sudo: true, env: { COLOUR: 'blue' } })] },
    })
    const sdist = await release(made, '1.0')
    await allow('NOPASSWD:SETENV: /usr/bin/true, /usr/bin/env')
    const run = await made.deploy(['production', sdist, '--json'])
    expect(outputOf(run, 'web1', 'activate')).toContain('COLOUR=blue')
  })

  test.each([
    ['', 'nothing at all'],
    ['ALL', 'everything with a password'],
    ['NOPASSWD: /usr/bin/true, /usr/bin/env', 'no variables'],
    ['NOPASSWD:SETENV: /usr/bin/true', 'another command'],
  ])('is refused in preflight where the rule is %j: %s', async rule => {
    await allow(rule)
    const made = await makeProject(fleet, {
      stages,
      hooks: { activate: [exec(['/usr/bin/env'], { sudo: true })] },
    })
    const run = await made.deploy(['production', await release(made, '1.0'), '--json'])
    expect({ code: run.code, problems: problemsOf(run) }).toEqual({ code: 3, problems: ['web1: sudo'] })
  })

  test('is asked only of hosts that need it', async () => {
    await allow('NOPASSWD: ALL')
    const made = await makeProject(fleet, {
      stages: { production: { hosts: ['web1', 'web2'] } },
      hooks: { activate: [exec(['true'], { sudo: true, once: true })] },
    })
    expect((await made.deploy(['production', await release(made, '1.0')])).code).toBe(0)
  })
})
