// Fuzzes everything that reads what others wrote, for a long time: `npm run fuzz -- --minutes 10`. The unit tests do the
// same for some seconds, always with the same seed. Here the seed is another one every time, unless it is given:
//
//   npm run fuzz -- --minutes 60 --seed 7 test/fuzz/sdist.test.ts
//
// Minutes are shared out over all of test/fuzz (test/fuzz/support/shares.ts); files named here have their share of them.
// A failure says how to repeat it, and leaves its input in a file, to be put into test/fuzz/corpus.
// FUZZ_PYTHON is the Python of the hosts, /usr/bin/python3 where nothing is said.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { availableParallelism, constants, setPriority } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
  allowPositionals: true,
})
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? randomInt(2 ** 30))
if (!(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run fuzz -- [--minutes N] [--seed INTEGER] [FILE…]\n')
  process.exit(2)
}

// Whoever else works on this machine comes first.
setPriority(constants.priority.PRIORITY_LOW)
const workers = Math.min(4, availableParallelism())
process.stdout.write(`${minutes} minutes on ${workers} processors, seed ${seed}\n`)
const files = positionals.length === 0 ? ['test/fuzz'] : positionals
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', `--maxWorkers=${workers}`, ...files],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SECONDS: String(minutes * 60 * workers), FUZZ_SEED: String(seed) },
  },
)
process.exitCode = status ?? 1
