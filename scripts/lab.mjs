// Real OpenSSH hosts to try things on by hand: `npm run lab -- 3`. They have everything that the hosts of the tests have: as
// root a network, mounts, processes and a host name of their own and the same /var/webcode, otherwise ports on loopback. The
// example application is copied beside them, with a configuration that reaches them. Lines typed here are faults: `cut web2`.
// Ctrl-C takes all of it away. See docs/lab.md.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const source = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url, { fsCache: false })
const { startFleet } = await jiti.import('../test/support/fleet.ts')
const { labHelp, obey, WAIT_WHILE_HELD } = await jiti.import('../test/lab/support/by-hand.ts')

const [count, diskMiB] = readArguments()
if (!existsSync(join(source, 'dist'))) {
  process.stderr.write('there is no dist: run `npm run build` first\n')
  process.exit(2)
}
const names = Array.from({ length: count }, (_, index) => `web${index + 1}`)
const fleet = await startFleet(names, diskMiB === undefined ? {} : { diskMiB })
const project = join(fleet.directory, 'shop')
copyExample()
const deploy = join(fleet.directory, 'deploy')
writeFileSync(deploy, `#!/bin/sh\nexec '${process.execPath}' '${join(source, 'bin/deploy.js')}' "$@"\n`, {
  mode: 0o755,
})
process.stdout.write(`${names.join(', ')} run here (${fleet.kind}); the root of each is ${fleet.hosts[0].root}.

In another terminal:
  cd ${project}
  ${deploy} production --build
  ${deploy} status

Here, while that runs:
${labHelp()}
Ctrl-C takes all of it away.
`)
await obeyed()
await fleet[Symbol.asyncDispose]()
process.exit(0)

/** How many hosts, and how large the disk of each is, if it has one of its own. */
function readArguments() {
  const given = process.argv.slice(2)
  const at = given.indexOf('--disk')
  const [, disk] = at === -1 ? [] : given.splice(at, 2)
  const numbers = [given[0] ?? '3', ...(at === -1 ? [] : [disk])].map(Number)
  if (given.length < 2 && numbers.every(number => Number.isInteger(number) && number > 0)) return numbers
  process.stderr.write('usage: npm run lab -- [number of hosts] [--disk MiB]\n')
  process.exit(2)
}

/** The example, with these hosts, and with a silence after which a runner is lost that one can wait for. */
function copyExample() {
  cpSync(join(source, 'examples/shop'), project, { recursive: true })
  writeFileSync(join(project, 'hosts.json'), JSON.stringify(fleet.configFor(), undefined, 2))
  const stages = { staging: { hosts: names.slice(0, 1) }, production: { hosts: names } }
  const config = join(project, 'stage.config.ts')
  const ours = `stages: ${JSON.stringify(stages)},\n  heartbeat: '6s',`
  const health = `health: [{ exec: ['/bin/sh', '-c', '${WAIT_WHILE_HELD}'], title: 'wait while it is held' }],`
  const written = readFileSync(config, 'utf8').replace(/stages: \{[\s\S]*?\n {2}\},/, ours)
  writeFileSync(config, written.replace('hooks: {', `hooks: { ${health}`))
}

/** Settles at a signal, at `quit`, and at the end of input of a terminal. */
function obeyed() {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
    // Without this, nothing would keep the process when its input is at its end.
    setInterval(() => undefined, 1 << 30)
    void typed().then(quit => (quit || process.stdin.isTTY ? resolve() : undefined))
  })
}

/** Obeys line after line. True: `quit` was one of them. */
async function typed() {
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: 'lab> ' })
  // In a terminal it is readline that sees Ctrl-C.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  if (lines.terminal) lines.prompt()
  for await (const line of lines) {
    const [word, name] = line.trim().split(/\s+/)
    if (word === 'quit') return true
    if (word === 'shell' && names.includes(name)) await shell(lines, name)
    else if (word === 'release' && name !== undefined) release(name)
    else process.stdout.write((await obey(fleet, line)).replace(/.$/s, '$&\n'))
    if (lines.terminal) lines.prompt()
  }
  return false
}

/** A new version of the application; `--build` packs it. */
function release(version) {
  const file = join(project, 'shop/__init__.py')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/__version__ = ".*"/, `__version__ = "${version}"`))
  process.stdout.write(`the next deploy with --build ships ${version}\n`)
}

/** A shell on a host has the terminal for itself, so nothing reads from it meanwhile. */
async function shell(lines, name) {
  const [program, ...args] = fleet.sshTo(name, '')
  lines.pause()
  if (lines.terminal) process.stdin.setRawMode(false)
  await once(spawn(program, ['-t', ...args.slice(0, -1)], { stdio: 'inherit' }), 'close')
  if (lines.terminal) process.stdin.setRawMode(true)
  lines.resume()
}
