// What `npm test` runs: requirements, build, unit tests, the remote end's Python tests, end-to-end tests, the failure lab in its
// short size.
// Further arguments go to vitest: `npm test -- test/version` or `npm test -- -t rollback`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const passedOn = process.argv.slice(2)
/** Arguments select tests, and a selection may lie in one of the two runs only. */
const selection = passedOn.length === 0 ? [] : ['--passWithNoTests', ...passedOn]
const vitest = ['node_modules/vitest/vitest.mjs', 'run']
/** Packed once, for all tests that use the command as it is installed. */
const packed = mkdtempSync(join(tmpdir(), 'stage-pack-'))
process.on('exit', () => rmSync(packed, { recursive: true, force: true }))

/** Nothing after these makes sense when one of them fails. */
const preparations = [
  { title: 'requirements', argv: [process.execPath, 'scripts/install-test-requirements.mjs'] },
  { title: 'package', argv: ['npm', 'pack', '--silent', '--pack-destination', packed] },
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
  },
  {
    title: 'failure lab',
    argv: [process.execPath, ...vitest, '--config', 'vitest.lab.config.ts', ...selection],
  },
]

function passes({ title, argv: [command, ...args], env }) {
  process.stdout.write(`\n== ${title}\n`)
  const [file] = readdirSync(packed)
  const given = file === undefined ? {} : { STAGE_DEPLOY_PACKAGE: join(packed, file) }
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...given, ...process.env, ...env },
  })
  if (result.error !== undefined) process.stderr.write(`${command}: ${result.error.message}\n`)
  return result.status === 0
}

const unprepared = preparations.find(step => !passes(step))
const failed = unprepared === undefined ? tests.filter(step => !passes(step)) : [unprepared]
process.stdout.write(
  failed.length === 0 ? '\nAll passed.\n' : `\nFailed: ${failed.map(({ title }) => title).join(', ')}\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
