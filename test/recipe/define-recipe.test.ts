import { describe, expect, test } from 'vitest'
import type { Recipe, StageContext } from '../../src/model/recipe.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { exec } from '../../src/recipe/exec.ts'
import { fact, pythonFact } from '../../src/recipe/fact.ts'
import { refusal } from './refusal.ts'

/** What a recipe is told about web1, which answered so. */
function contextWith<Answers>(facts: Answers): StageContext<Answers> {
  return {
    intent: 'deploy',
    host: { name: 'web1', labels: [] },
    revision: {
      name: 'shop-1.0',
      project: 'shop',
      version: '1.0',
      sha256: 'a'.repeat(64),
      requiresPython: undefined,
    },
    builds: true,
    leftOut: [],
    stage: 'production',
    paths: {
      link: '/r/production',
      root: '/r',
      revision: '/r/shop-1.0',
      sdist: '/s',
      tools: '/t',
      incoming: '/i',
      products: '/var/webcode/.stage/incoming/shop-1.4.0.products',
      shared: '/r/shared',
    },
    facts,
    fleet: new Map([['web1', facts]]),
  }
}

const freeSpace = defineRecipe({
  name: 'free-space',
  requires: ['df'],
  facts: { free: fact(['df', '-Pk', '.'], stdout => Number(stdout)) },
  check: ({ facts }) => (facts.free < 512 ? [`${facts.free} MiB free, 512 needed`] : []),
  env: ({ facts }) => ({ FREE: facts.free.toFixed(0) }),
  steps: ({ revision }) => ({ 'before:switch': [exec(['echo', revision.name])] }),
})

describe('a recipe', () => {
  test('decides by what the host answered', () => {
    expect(freeSpace.check(contextWith({ free: 100 }))).toEqual(['100 MiB free, 512 needed'])
    expect(freeSpace.check(contextWith({ free: 1_000 }))).toEqual([])
    expect(freeSpace.env(contextWith({ free: 100 }))).toEqual({ FREE: '100' })
  })

  test('returns its steps as data, by slot', () => {
    const steps = freeSpace.steps(contextWith({ free: 100 }))
    expect(steps['before:switch']?.map(step => step.title)).toEqual(['echo shop-1.0'])
  })

  test('may leave out everything but its name', () => {
    const recipe = defineRecipe({ name: 'nothing' })
    const context = contextWith({})
    expect([
      recipe.requires,
      recipe.facts,
      recipe.check(context),
      recipe.env(context),
      recipe.steps(context),
      recipe.stageSteps(context),
      recipe.claims({ project: 'shop', stage: 'production', host: { name: 'web1', labels: [] }, root: '/r' }),
    ]).toEqual([[], {}, [], {}, {}, {}, []])
  })

  test('has no step of a stage before the seal', () => {
    const definition: object = { name: 'early', stageSteps: () => ({ build: [exec(['true'])] }) }
    const recipe: Recipe = Reflect.apply(defineRecipe, undefined, [definition])
    expect(refusal(() => recipe.stageSteps(contextWith({})))).toMatchInlineSnapshot(
      `"build: steps of 'build' cannot be set per stage: until the switch a revision knows no stage -> set them for all stages, or use before:switch or a later slot"`,
    )
  })

  test('that puts steps where there is no slot is refused when they are asked for', () => {
    const definition: object = { name: 'typo', steps: () => ({ 'before:swich': [exec(['true'])] }) }
    const recipe: Recipe = Reflect.apply(defineRecipe, undefined, [definition])
    expect(refusal(() => recipe.steps(contextWith({})))).toMatchInlineSnapshot(
      `"before:swich: there is no slot 'before:swich' -> did you mean 'before:switch'? the slots are: before:upload, upload, after:upload, before:build, build, after:build, before:verify, verify, after:verify, before:switch, after:switch, before:activate, activate, after:activate, before:health, health, after:health, before:prune, prune, after:prune, failed"`,
    )
  })

  test('is refused with everything that is wrong with it', () => {
    const definition: object = {
      name: 'Bad Name',
      requires: ['', '-n'],
      facts: { free: 5 },
      check: [],
      step: 1,
    }
    expect(refusal(() => Reflect.apply(defineRecipe, undefined, [definition]))).toMatchInlineSnapshot(`
      "step: unknown key 'step' -> did you mean 'steps'? allowed: name, requires, facts, check, env, steps, stageSteps, claims, expect, finished, builders, reserves
      name: expected lower-case letters, digits and -, found a text
      requires[0]: expected the name of a program, found an empty text
      requires[1]: expected the name of a program, found a text
      facts.free: expected fact(…) or pythonFact(…), found a number
      check: expected a function, found a list"
    `)
  })
})

describe('a fact', () => {
  test('is a program, a limit in milliseconds and a reader of its output', () => {
    const { argv, timeoutMs, parse } = fact(['nproc'], Number, { timeout: '5s' })
    expect({ argv, timeoutMs, value: parse('4\n') }).toEqual({ argv: ['nproc'], timeoutMs: 5_000, value: 4 })
  })

  test('in Python is run isolated by the Python of the remote end', () => {
    expect(pythonFact('print(1)', Number).argv).toEqual(['@python', '-I', '-c', 'print(1)'])
  })

  test('without a program is refused', () => {
    expect(refusal(() => fact([], Number))).toMatchInlineSnapshot(
      `"argv: there is no program to run -> write it as a list: ['.env/bin/python', '-m', 'shop']"`,
    )
  })
})

describe('what a recipe expects', () => {
  const context = {
    ...{
      project: 'shop',
      stage: 'production',
      host: { name: 'web1', labels: [] },
      live: 'shop-1.4.0',
      facts: {},
    },
    paths: { root: '/r', link: '/r/production', revision: '/r/shop-1.4.0', shared: '/r/shared' },
  }

  test('is data, and a drift unless it says otherwise', () => {
    const recipe = defineRecipe({
      name: 'worker',
      expect: ({ stage }) => [
        {
          field: `unit ${stage}`,
          expected: 'active',
          actual: fact(['true'], out => out.trim()),
          mend: { kind: 'advice', text: 'start it' },
        },
      ],
    })
    expect(recipe.expect?.(context)).toMatchObject([
      { field: 'unit production', expected: 'active', severity: 'drift', actual: { argv: ['true'] } },
    ])
  })

  test('has every fault of it said at once, a field that is there twice too', () => {
    const one = {
      field: 'a',
      expected: 'b',
      actual: fact(['true'], out => out),
      mend: { kind: 'advice', text: 'x' },
    }
    const wrong = {
      ...one,
      expected: 1,
      actual: 'uptime',
      mend: { kind: 'command', on: 'hots', command: '' },
    }
    const recipe: ReturnType<typeof defineRecipe> = Reflect.apply(defineRecipe, undefined, [
      { name: 'worker', expect: () => [one, wrong] },
    ])
    expect(refusal(() => recipe.expect?.(context))).toMatchInlineSnapshot(`
      "[1].expected: expected a text, found a number
      [1].actual: expected fact(…) or pythonFact(…), found a text
      [1].mend.on: expected 'runner' or 'host' or 'host as root', found a text -> did you mean 'host'?
      [1].mend.command: expected a text, found an empty text
      [1].field: 'a' is expected twice"
    `)
  })
})
