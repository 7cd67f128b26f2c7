// Real OpenSSH hosts to try things on by hand: `npm run lab -- 3`. They have everything that the hosts of the tests have: as
// root a network, mounts, processes and a host name of their own and the same /var/webcode, otherwise ports on loopback. The
// example application is copied beside them, with a configuration that reaches them. Ctrl-C takes all of it away.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const source = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url, { fsCache: false })
const { startFleet } = await jiti.import('../test/support/fleet.ts')

const count = Number(process.argv[2] ?? 3)
if (!Number.isInteger(count) || count < 1) {
  process.stderr.write('usage: npm run lab -- [number of hosts]\n')
  process.exit(2)
}
const names = Array.from({ length: count }, (_, index) => `web${index + 1}`)
const fleet = await startFleet(names)
const project = join(fleet.directory, 'shop')
cpSync(join(source, 'examples/shop'), project, { recursive: true })
const stages = { staging: { hosts: names.slice(0, 1) }, production: { hosts: names } }
writeFileSync(join(project, 'hosts.json'), JSON.stringify(fleet.configFor(), undefined, 2))
const config = join(project, 'stage.config.ts')
const written = readFileSync(config, 'utf8')
writeFileSync(config, written.replace(/stages: \{[\s\S]*?\n {2}\},/, `stages: ${JSON.stringify(stages)},`))
process.stdout.write(`${names.join(', ')} run here (${fleet.kind}); the root of each is ${fleet.hosts[0].root}.

  cd ${project}
  node ${join(source, 'bin/deploy.js')} production --build

To look at a host: ${fleet.sshTo(names[0], '').join(' ').trim()}
Ctrl-C stops them.
`)
const waiting = setInterval(() => undefined, 1 << 30)
await new Promise(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
})
clearInterval(waiting)
await fleet[Symbol.asyncDispose]()
