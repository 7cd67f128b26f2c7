import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  defaultLogDirectory,
  logFileName,
  logOn,
  openRunLog,
  removeOldLogs,
} from '../../src/report/log-file.ts'
import { logLine } from '../../src/report/log-line.ts'
import { aProblem, at, exit1, liveOn, lostOn } from './builders.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-log-'))
})
afterEach(async () => {
  await chmod(directory, 0o700)
  await rm(directory, { recursive: true })
})

const refuse = (message: string) => {
  throw new Error(message)
}

test('a log has everything, output included, and its owner alone may read it', async () => {
  const path = join(directory, 'new', 'run.log')
  const log = await openRunLog(path, refuse)
  log.handle(at(0).stepStarted('web1'))
  log.handle(at(10).progress('web1', 1, 2))
  log.handle(at(20).output('web1', 'Collecting \x1b[1mflask\x1b[0m'))
  await log.end()
  expect(await readFile(path, 'utf8')).toMatchInlineSnapshot(`
    "2026-11-20T12:00:00.000Z web1 step-started build/1 Install the wheels
    2026-11-20T12:00:00.020Z web1 stdout Collecting flask
    "
  `)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(join(directory, 'new'))).mode & 0o777).toBe(0o700)
})

test('what is in the file already stays', async () => {
  const path = join(directory, 'run.log')
  await writeFile(path, 'before\n')
  const log = await openRunLog(path, refuse)
  log.handle(at(0).notice('after'))
  await log.end()
  expect(await readFile(path, 'utf8')).toMatch(/^before\n.*after\n$/)
})

test('what steps print is left out while the disk takes nothing, and the log says how much', async () => {
  const written: string[] = []
  let goOn: () => void = () => undefined
  const disk = new Writable({
    decodeStrings: false,
    write: (text, _encoding, done) => {
      written.push(String(text))
      if (written.length === 1) goOn = () => done()
      else done()
    },
  })
  const log = logOn('run.log', disk, refuse)
  for (let line = 0; line < 10_000; line += 1) log.handle(at(0).output('web1', 'x'.repeat(20_000)))
  expect(disk.writableLength).toBeLessThan(65 * 1024 * 1024)
  log.handle(at(0).notice('the end'))
  goOn()
  await log.end()
  const [said, last] = written.slice(-3)
  expect(said).toMatch(
    /^\d+ lines that steps printed are left out here: they came faster than this could be written.\n$/,
  )
  expect([last?.endsWith('the end\n'), Number.parseInt(said ?? '', 10) + written.length]).toStrictEqual([
    true,
    10_000 + 3,
  ])
})

test('a log that cannot be opened is a warning, and the run goes on', async () => {
  const warnings: string[] = []
  const path = join(directory, 'file', 'run.log')
  await writeFile(join(directory, 'file'), '')
  const log = await openRunLog(path, message => void warnings.push(message))
  log.handle(at(0).notice('lost'))
  await log.end()
  expect(log.path).toBeUndefined()
  expect(warnings.map(message => message.replaceAll(directory, 'DIR'))).toMatchInlineSnapshot(`
    [
      "The log DIR/file/run.log cannot be written: ENOTDIR: not a directory, open 'DIR/file/run.log'",
    ]
  `)
})

test('a log where no directory can be made is a warning too, at once', async () => {
  const warnings: string[] = []
  const log = await openRunLog('/proc/logs/of/shop/run.log', message => void warnings.push(message))
  expect(log.path).toBeUndefined()
  expect(warnings).toMatchInlineSnapshot(`
    [
      "The log /proc/logs/of/shop/run.log cannot be written: ENOENT: no such file or directory, mkdir '/proc/logs'",
    ]
  `)
})

test('of several directories that are missing, all are made, also when another run makes them', async () => {
  const paths = ['a.log', 'b.log'].map(name => join(directory, 'one', 'two', 'three', name))
  const logs = await Promise.all(paths.map(path => openRunLog(path, refuse)))
  await Promise.all(logs.map(log => log.end()))
  expect(await readdir(join(directory, 'one', 'two', 'three'))).toEqual(['a.log', 'b.log'])
})

test('a disk that fills up while the run goes on is one warning', async () => {
  const warnings: string[] = []
  // Every write to it fails with ENOSPC (full(4)).
  const log = await openRunLog('/dev/full', message => void warnings.push(message))
  for (let line = 0; line < 100; line += 1) log.handle(at(line).output('web1', 'x'.repeat(1_000)))
  await log.end()
  expect(warnings).toHaveLength(1)
})

test('of the logs in the default directory the newest stay, and what is no log is left alone', async () => {
  const names = [1, 2, 3, 4].map(day =>
    logFileName({ stage: 'production', id: `2026112${day}T120000000Z-4f2c9a` }),
  )
  await mkdir(join(directory, 'state'))
  for (const name of [...names, 'notes.log']) await writeFile(join(directory, 'state', name), '')
  await removeOldLogs(join(directory, 'state'), 2)
  expect((await readdir(join(directory, 'state'))).toSorted()).toEqual([...names.slice(2), 'notes.log'])
  await removeOldLogs(join(directory, 'missing'))
})

test('a log is named after run, which begins with its time, and stage', () => {
  expect(logFileName({ stage: 'production', id: '20261120T120000000Z-a/../b' })).toBe(
    '20261120T120000000Z-a_.._b-production.log',
  )
})

test.each([
  [{ XDG_STATE_HOME: '/state', HOME: '/home/ana' }, '/state/stage-deploy'],
  [{ XDG_STATE_HOME: 'relative', HOME: '/home/ana' }, '/home/ana/.local/state/stage-deploy'],
  [{ HOME: '/home/ana' }, '/home/ana/.local/state/stage-deploy'],
  [{}, undefined],
])('with %o logs go to %s', (env, expected) => {
  expect(defaultLogDirectory(env)).toBe(expected)
})

test('every kind of event has its line', () => {
  const hosts = ['web1', 'web2']
  const events = [
    at(0).runStarted(hosts),
    at(0).connected('web1'),
    at(0).phaseStarted('build', hosts),
    at(0).phaseFinished('build', 700),
    at(0).stepFinished('web1', exit1),
    at(0).switched('web1', { from: undefined }),
    at(0).putBack('web1', exit1),
    at(0).notice('waiting for the lock'),
    at(0).problem(aProblem('web1', 'no space', { hint: 'make some' })),
    at(0).runFinished(6, { web1: liveOn(undefined), web2: lostOn('shop-1.3.0', exit1) }),
  ]
  expect(`\n${events.map(logLine).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    2026-11-20T12:00:00.000Z - run-started shop 1.4.0 → production, 2 hosts (run 20261120T120000Z-4f2c)
    2026-11-20T12:00:00.000Z web1 host-connected 60 ms
    2026-11-20T12:00:00.000Z - phase-started build on web1, web2
    2026-11-20T12:00:00.000Z - phase-finished build, 0.7 s
    2026-11-20T12:00:00.000Z web1 step-finished build/1 Install the wheels: failed: exit 1, 3.0 s
    2026-11-20T12:00:00.000Z web1 switched no link → shop-1.4.0 at 2026-11-20T12:00:30.123456Z
    2026-11-20T12:00:00.000Z web1 put-back to shop-1.3.0: failed: exit 1
    2026-11-20T12:00:00.000Z - notice waiting for the lock
    2026-11-20T12:00:00.000Z - problem error at web1: no space → make some
    2026-11-20T12:00:00.000Z - run-finished exit 6, 0 ms: web1 none (ok); web2 unknown, last known shop-1.3.0 (failed: exit 1)
    "
  `)
})
