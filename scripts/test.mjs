// What `npm test` runs: requirements, build, unit tests, the remote end's Python tests, end-to-end tests, the failure lab in its
// short size.
// Further arguments go to vitest: `npm test -- test/version` or `npm test -- -t rollback`.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const passedOn = process.argv.slice(2)
/** Arguments select tests, and a selection may lie in one of the two runs only. */
const selection = passedOn.length === 0 ? [] : ['--passWithNoTests', ...passedOn]
const vitest = ['node_modules/vitest/vitest.mjs', 'run']
/** Packed and installed once, for all tests that use the command as a user has it. */
const packed = mkdtempSync(join(tmpdir(), 'stage-pack-'))
process.on('exit', () => rmSync(packed, { recursive: true, force: true }))
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const prefix = join(packed, 'prefix')
const installed = { STAGE_DEPLOY_COMMAND: join(prefix, 'node_modules', name, 'bin/deploy.js') }
const npmInstall = [
  'npm',
  'install',
  '--loglevel=error',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--prefix',
  prefix,
]

/** Nothing after these makes sense when one of them fails. */
const preparations = [
  { title: 'requirements', argv: [process.execPath, 'scripts/install-test-requirements.mjs'] },
  { title: 'package', argv: ['npm', 'pack', '--silent', '--pack-destination', packed] },
  { title: 'installation', argv: [...npmInstall, join(packed, `${name}-${version}.tgz`)] },
]

/** All of these run, whatever the others say. */
const unitTests = [{ title: 'unit and contract tests', argv: [process.execPath, ...vitest, ...selection] }]
const pythonTests = [
  {
    title: 'remote end',
    // Debian's own Python, which is the one that the hosts of the tests have.
    argv: ['/usr/bin/python3', '-B', '-m', 'unittest', 'discover', '-s', 'test/remote/end'],
    env: { PYTHONPATH: 'src/remote' },
  },
  {
    title: 'host programs of the recipes',
    argv: ['/usr/bin/python3', '-B', '-m', 'unittest', 'discover', '-s', 'test/recipes/python'],
  },
]
const hostTests = [
  {
    title: 'end-to-end tests',
    argv: [process.execPath, ...vitest, '--config', 'vitest.e2e.config.ts', ...selection],
    env: installed,
  },
  {
    title: 'failure lab',
    argv: [process.execPath, ...vitest, '--config', 'vitest.lab.config.ts', ...selection],
    env: installed,
  },
]

/** What it prints is shown as it comes, or all at once when it has ended. */
function passes({ title, argv: [command, ...args], env }, shown = 'at once') {
  const heading = `\n== ${title}\n`
  const stdio = shown === 'at once' ? 'inherit' : ['ignore', 'pipe', 'pipe']
  if (shown === 'at once') process.stdout.write(heading)
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio, env: { ...process.env, ...env } })
    const printed = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', piece => printed.push(piece))
    child.once('error', error => printed.push(`${command}: ${error.message}\n`))
    child.once('close', code => {
      if (shown !== 'at once' || printed.length > 0)
        process.stdout.write(heading + Buffer.concat(printed.map(piece => Buffer.from(piece))))
      resolve(code === 0)
    })
  })
}

/** @returns what of it failed */
async function failures(steps, shown) {
  const failed = []
  for (const step of steps) if (!(await passes(step, shown))) failed.push(step.title)
  return failed
}

async function run() {
  for (const step of preparations) if (!(await passes(step))) return [step.title]
  // The Python tests wait for most of their time, and one core is enough for them.
  const waiting = failures(pythonTests, 'at the end')
  const unit = await failures(unitTests, 'at once')
  return [...unit, ...(await waiting), ...(await failures(hostTests, 'at once'))]
}

const failed = await run()
process.stdout.write(failed.length === 0 ? '\nAll passed.\n' : `\nFailed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
