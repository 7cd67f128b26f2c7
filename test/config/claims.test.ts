import { describe, expect, test } from 'vitest'
import { StageError } from '../../src/index.ts'
import { defineRecipe } from '../../src/recipe/define-recipe.ts'
import { problemsOf } from './written.ts'

/** A recipe that takes the port of its stage. */
const listening = (ports: Readonly<Record<string, number>>, name = 'web') =>
  defineRecipe({
    name,
    claims: ({ stage }) => {
      const port = ports[stage]
      if (port === undefined)
        throw new StageError('config', `no port for the stage '${stage}'`, { hint: 'write one' })
      return [`port ${port}`]
    },
  })

const both = {
  hosts: { web1: 'web1.example.com', web2: 'web2.example.com' },
  stages: { staging: { hosts: ['web1'] }, production: { hosts: ['web1', 'web2'] } },
}

describe('what only one stage of a server can have', () => {
  test('is claimed by one stage of each server', () => {
    expect(problemsOf({ ...both, recipes: [listening({ staging: 8001, production: 8000 })] })).toBe(
      'accepted',
    )
    const apart = { staging: { hosts: ['web1'] }, production: { hosts: ['web2'] } }
    expect(
      problemsOf({ ...both, stages: apart, recipes: [listening({ staging: 8000, production: 8000 })] }),
    ).toBe('accepted')
  })

  test('is an error where two stages want it', () => {
    expect(
      problemsOf({ ...both, recipes: [listening({ staging: 8000, production: 8000 })] }),
    ).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: port 8000 of web1 is wanted twice: by web of 'staging' and by web of 'production' -> give each of them one of its own"
    `)
  })

  test('is an error where two recipes of one stage want it', () => {
    const stages = { production: { hosts: ['web1', 'web2'] } }
    const recipes = [listening({ production: 8000 }), listening({ production: 8000 }, 'worker')]
    expect(problemsOf({ ...both, stages, recipes })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has 2 problems
        recipes[1]: port 8000 of web1 is wanted twice: by web of 'production' and by worker of 'production' -> give each of them one of its own
        recipes[1]: port 8000 of web2 is wanted twice: by web of 'production' and by worker of 'production' -> give each of them one of its own"
    `)
  })

  test('is shared by all roots of a server', () => {
    const hosts = {
      web1: 'a@web.example.com',
      web2: { address: 'WEB.example.com', user: 'b', root: '/srv/other' },
    }
    const stages = { staging: { hosts: ['web1'] }, production: { hosts: ['web2'] } }
    const recipes = [listening({ staging: 8000, production: 8000 })]
    expect(problemsOf({ hosts, stages, recipes })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: port 8000 of web2 is wanted twice: by web of 'staging' and by web of 'production' -> give each of them one of its own"
    `)
  })

  test('that a recipe cannot tell for a stage is said once', () => {
    expect(problemsOf({ ...both, recipes: [listening({ staging: 8001 })] })).toMatchInlineSnapshot(`
      "config: /shop/stage.config.ts has a problem
        recipes[0]: no port for the stage 'production' -> write one"
    `)
  })
})
