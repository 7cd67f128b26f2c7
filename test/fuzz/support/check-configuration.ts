import { expect } from 'vitest'
import { readConfig } from '../../../src/config/read-config.ts'
import type { ResolvedConfig } from '../../../src/config/resolved-config.ts'
import type { Problem } from '../../../src/model/problem.ts'
import { StageError } from '../../../src/model/stage-error.ts'
import { isPlainObject } from '../../../src/recipe/readers.ts'
import type { ToolModules } from '../../../src/tool-modules.ts'

/** Reads a configuration from outside: whatever it is, it is resolved and sound, or every problem says where it is. */
export function readWritten(written: unknown, modules: ToolModules): void {
  const { config, problems } = read(written, modules)
  if (config !== undefined) checkResolved(config)
  else expect(problems.length).toBeGreaterThan(0)
  for (const problem of problems) checkProblem(problem, written)
}

interface Reading {
  readonly config: ResolvedConfig | undefined
  readonly problems: readonly Problem[]
}

function read(written: unknown, modules: ToolModules): Reading {
  try {
    const config = readConfig(written, {
      file: '/shop/stage.config.json',
      directory: '/shop',
      home: '/home/ana',
      recipes: new Map(
        ['python', 'http'].map(name => [
          name,
          options => Reflect.apply(factoryOf(modules, name), undefined, [options]),
        ]),
      ),
    })
    return { config, problems: [] }
  } catch (error) {
    if (!(error instanceof StageError)) throw error
    expect(error.code).toBe('config')
    return { config: undefined, problems: error.problems }
  }
}

function factoryOf(modules: ToolModules, name: string): (options: unknown) => unknown {
  const module: unknown = modules.get(`stage-deploy/recipes/${name}`)
  const factory: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined
  if (typeof factory !== 'function') throw new Error(`there is no recipe ${name}`)
  return options => Reflect.apply(factory, undefined, [options])
}

/** The path leads to what is wrong, or to where something is missing; only of the whole there is none. */
function checkProblem({ where, message, code, severity }: Problem, written: unknown): void {
  expect({ code, severity, where, message }).toMatchObject({
    code: expect.stringMatching(/^[a-z-]+$/),
    severity: 'error',
    message: expect.stringMatching(/./),
  })
  const keys = keysOf(where)
  if (isPlainObject(written)) expect(keys.length).toBeGreaterThan(0)
  let at = written
  for (const key of keys.slice(0, -1)) {
    // A recipe that is only named has options to be missed as well.
    if (at === key) return
    expect(typeof at === 'object' && at !== null && Object.hasOwn(at, key), where).toBe(true)
    at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
  }
}

/** `a.b[0]["x y"]` as a, b, 0, x y. */
function keysOf(path: string): readonly string[] {
  const keys: string[] = []
  const step = /(?:^|\.)([\w:-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy
  for (let match = step.exec(path); match !== null; match = step.exec(path)) {
    const [, plain, index, quoted] = match
    keys.push(plain ?? index ?? String(JSON.parse(quoted ?? '""')))
    if (step.lastIndex === path.length) return keys
  }
  if (path !== '') throw new Error(`no path: ${path}`)
  return keys
}

/** What the rest of the tool relies on without looking again. */
export function checkResolved(config: ResolvedConfig): void {
  expect(config.hosts.size).toBeGreaterThan(0)
  expect(config.stages.size).toBeGreaterThan(0)
  for (const host of config.hosts.values()) {
    expect(host.address).not.toBe('')
    expect(host.root).toMatch(/^\/[^/]/)
    if (host.port !== undefined) expect(host.port).toBeOneOf([...wholeNumber(host.port, 1, 65_535)])
  }
  for (const stage of config.stages.values()) {
    expect(stage.hosts.length).toBeGreaterThan(0)
    expect(stage.hosts.filter(name => !config.hosts.has(name))).toStrictEqual([])
    expect(new Set(stage.hosts).size).toBe(stage.hosts.length)
  }
  // A timer of Node beyond this fires at once.
  for (const ms of [config.heartbeatMs, config.ssh.connectTimeoutMs, ...timeoutsOf(config)])
    expect([...wholeNumber(ms, 1, 2 ** 31 - 1)]).toStrictEqual([ms])
  expect(config.parallel).toBeGreaterThan(0)
}

function timeoutsOf({ hooks, stages }: ResolvedConfig): readonly number[] {
  const slots = [hooks, ...[...stages.values()].map(stage => stage.hooks)]
  return slots.flatMap(slot => Object.values(slot).flatMap(steps => steps.map(step => step.timeoutMs)))
}

function wholeNumber(value: number, from: number, to: number): readonly number[] {
  return Number.isInteger(value) && value >= from && value <= to ? [value] : []
}
