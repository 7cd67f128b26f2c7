// Proves that the failure lab can fail: takes one protection of the product out at a time (test/lab/mutants.ts), packs what is
// left, and demands that the tests that are said to see it do fail.
//
//   npm run lab:mutants                all of them, more than half an hour
//   npm run lab:mutants -- F9 F20      those of some rows
//   npm run lab:mutants -- heartbeat   those whose protection says so
//
// Each has a private copy of the tracked files, so nothing that happens here meanwhile matters.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const source = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url, { fsCache: false })
const { mutants } = await jiti.import('../test/lab/mutants.ts')
const { mutated, rowsOf } = await jiti.import('../test/lab/mutants/mutant.ts')
const { labVerdict } = await jiti.import('../test/lab/support/lab-verdict.ts')

/** Ten times as long as the longest takes: then it hangs. */
const LIMIT_MS = 15 * 60_000

const wanted = process.argv.slice(2)
const selected = mutants.filter(
  mutant =>
    wanted.length === 0 ||
    wanted.some(
      word => rowsOf(mutant).includes(word) || (!/^F\d+$/.test(word) && mutant.protection.includes(word)),
    ),
)
if (selected.length === 0) {
  process.stderr.write(`no protection is known for ${wanted.join(' ')}\n`)
  process.exit(2)
}
const tracked = run(source, ['git', 'ls-files', '-z'])
  .split('\0')
  .filter(file => file !== '')
// Before the first of them takes minutes: the list has to follow the sources.
for (const mutant of selected) mutated(readFileSync(join(source, mutant.file), 'utf8'), mutant)

/** A copy with nothing taken out, built, once it is needed. */
let built
const results = []
for (const [index, mutant] of selected.entries()) {
  process.stderr.write(`${index + 1}/${selected.length} ${rowsOf(mutant).join(' ')}: ${mutant.protection}\n`)
  const verdict = judge(mutant)
  process.stderr.write(`    ${told(verdict)}\n`)
  results.push({ mutant, verdict })
}
process.stdout.write(table(results))
process.exitCode = results.every(({ verdict }) => verdict.kind === 'killed') ? 0 : 1

function judge(mutant) {
  const place = mkdtempSync(join(tmpdir(), 'stage-mutant-'))
  try {
    const copy = join(place, 'copy')
    copyTracked(copy)
    const file = join(copy, mutant.file)
    writeFileSync(file, mutated(readFileSync(file, 'utf8'), mutant))
    const packed = pack(copy, mutant.file, place)
    const report = join(place, 'report.json')
    test(copy, mutant, { report, env: { STAGE_DEPLOY_PACKAGE: packed, STAGE_DEPLOY_LAB: 'short' } })
    if (!existsSync(report)) return { kind: 'broken', why: 'vitest wrote no report' }
    return labVerdict(JSON.parse(readFileSync(report, 'utf8')), mutant)
  } catch (error) {
    return { kind: 'broken', why: error.message }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function copyTracked(into) {
  for (const file of tracked) if (existsSync(join(source, file))) cpSync(join(source, file), join(into, file))
  symlinkSync(join(source, 'node_modules'), join(into, 'node_modules'))
}

/** What is not TypeScript is packed as it stands, so of all those mutants only the first takes a build. */
function pack(copy, file, place) {
  const compiled = file.endsWith('.ts')
  if (!compiled) {
    built ??= build()
    cpSync(join(built, 'dist'), join(copy, 'dist'), { recursive: true })
    cpSync(join(copy, file), join(copy, 'dist', file))
  }
  const options = ['--loglevel=error', '--pack-destination', place, ...(compiled ? [] : ['--ignore-scripts'])]
  run(copy, ['npm', 'pack', ...options])
  return join(place, readdirSync(place).find(name => name.endsWith('.tgz')) ?? 'nothing')
}

function build() {
  const place = mkdtempSync(join(tmpdir(), 'stage-mutant-'))
  process.once('exit', () => rmSync(place, { recursive: true, force: true }))
  copyTracked(place)
  run(place, ['npm', 'run', 'build'])
  return place
}

/** What the tests themselves print is not wanted: they fail, as they should. */
function test(copy, { seenBy }, { report, env }) {
  const options = ['-t', seenBy.title.source, '--bail=1', '--reporter=json', `--outputFile=${report}`]
  const argv = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'vitest.lab.config.ts',
    seenBy.file,
    ...options,
  ]
  spawnSync(process.execPath, argv, {
    cwd: copy,
    stdio: 'ignore',
    timeout: LIMIT_MS,
    env: { ...process.env, ...env },
  })
}

function run(cwd, [command, ...args]) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

function told(verdict) {
  switch (verdict.kind) {
    case 'killed':
      return `killed by ${verdict.by}`
    case 'survived':
      return 'SURVIVED'
    case 'broken':
      return `BROKEN: ${verdict.why.split('\n').slice(0, 12).join('\n    ')}`
  }
}

function table(results) {
  const rows = results.map(({ mutant, verdict }) => [
    rowsOf(mutant).join(' '),
    verdict.kind === 'killed' ? 'killed' : verdict.kind.toUpperCase(),
    mutant.protection,
  ])
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column].length)))
  const lines = rows.map(
    ([row, verdict, what]) => `${row.padEnd(widths[0])}  ${verdict.padEnd(widths[1])}  ${what}`,
  )
  const alive = results.filter(({ verdict }) => verdict.kind !== 'killed').length
  const last =
    alive === 0 ? `All ${results.length} were noticed.` : `${alive} of ${results.length} were not noticed.`
  return `\n${lines.join('\n')}\n\n${last}\n`
}
