// What `npm test` runs: requirements, build, unit tests, the remote end's Python tests, end-to-end tests, the failure lab in its
// short size.
// Further arguments go to vitest: `npm test -- test/version` or `npm test -- -t rollback`.
import { spawnSync } from 'node:child_process'
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
const tests = [
  { title: 'unit and contract tests', argv: [process.execPath, ...vitest, ...selection] },
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

function passes({ title, argv: [command, ...args], env }) {
  process.stdout.write(`\n== ${title}\n`)
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (result.error !== undefined) process.stderr.write(`${command}: ${result.error.message}\n`)
  return result.status === 0
}

const unprepared = preparations.find(step => !passes(step))
const failed = unprepared === undefined ? tests.filter(step => !passes(step)) : [unprepared]
process.stdout.write(
  failed.length === 0 ? '\nAll passed.\n' : `\nFailed: ${failed.map(({ title }) => title).join(', ')}\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
