// The main job, on three throw-away SSH hosts on this machine: `npm run demo`.
// Every line behind a `$` is the real command with the real configuration of examples/shop; nothing here imitates it.
import { spawn } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSandbox } from '../dist/src/cli/sandbox/sandbox.js'

const command = fileURLToPath(new URL('../bin/deploy.js', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'stage-demo-'))
const bold = process.stdout.isTTY ? text => `\x1b[1m${text}\x1b[0m` : text => text
const say = text => process.stdout.write(`\n${text}\n`)

/** Runs `deploy` as a person would, in the project's directory. Ends the demo if it does not end as it should. */
function deploy(line, expected = 0) {
  say(bold(`$ deploy ${line}`))
  return new Promise((resolve, reject) => {
    // The logs of the runs go when the demo goes.
    const env = { ...process.env, XDG_STATE_HOME: join(project, 'state') }
    const child = spawn(process.execPath, [command, ...line.split(' ')], {
      cwd: project,
      env,
      stdio: 'inherit',
    })
    child.once('error', reject)
    child.once('close', code => {
      if (code === expected) resolve()
      else reject(new Error(`deploy ${line}: exit ${code}, expected ${expected}`))
    })
  })
}

/** A new version of the application. */
function release(version) {
  const file = join(project, 'shop/__init__.py')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/__version__ = ".*"/, `__version__ = "${version}"`))
}

/** The price list belongs to the hosts, not to the application: somebody has to put it there. */
function bringPriceListTo(host) {
  mkdirSync(join(host.root, 'shared'), { recursive: true })
  writeFileSync(join(host.root, 'shared/prices.csv'), 'apple,3\npear,4\n')
}

const wantsPrices = `

class TestPrices(unittest.TestCase):
    def test_an_apple_has_a_price_on_this_host(self):
        self.assertIn("apple", prices())
`

async function demo(sandbox) {
  const [web1, web2] = sandbox.hosts
  cpSync(fileURLToPath(new URL('shop', import.meta.url)), project, { recursive: true })
  writeFileSync(join(project, 'hosts.json'), JSON.stringify(sandbox.reach, undefined, 2))
  say(`Three SSH hosts run on this machine: ${sandbox.hosts.map(host => `${host.name} on port ${host.port}`).join(', ')}.
The application is a copy of examples/shop, with its stage.config.ts.`)

  say('1. A first deploy. staging is one host.')
  await deploy('staging --build')

  say(
    '2. Promote it to production, three hosts. web1 has it and is only relinked; the others build the same bytes.',
  )
  await deploy('promote staging production')

  say('3. Version 1.1.0 wants a price list, and nobody has put one on web3.')
  release('1.1.0')
  appendFileSync(join(project, 'tests/test_shop.py'), wantsPrices)
  bringPriceListTo(web1)
  bringPriceListTo(web2)
  await deploy('production --build', 4)
  say('One host said no, so nothing was switched anywhere, and 1.1.0 is rejected for good:')
  await deploy('status production')

  say('4. Version 1.1.1, and the price list is where it has to be.')
  release('1.1.1')
  bringPriceListTo(sandbox.hosts[2])
  await deploy('production --build')

  say('5. Second thoughts. A rollback is a switch: the same guarantees, no build.')
  await deploy('rollback production')
  await deploy('history production')
}

const sandbox = await startSandbox({ hosts: 3 })
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = true
  })
}
try {
  await demo(sandbox)
  say(
    'That was the main job. The hosts are gone now; `deploy sandbox` starts some for your own configuration.',
  )
} catch (error) {
  process.exitCode = interrupted ? 130 : 1
  say(interrupted ? 'Interrupted.' : `The demo did not go as it should: ${error.message}`)
} finally {
  await sandbox.stop()
  rmSync(project, { recursive: true, force: true })
}
