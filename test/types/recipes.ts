/** What must not compile in steps and recipes, and what is inferred. Nothing here is run: `npm run types` checks it. */
import {
  defineRecipe,
  exec,
  type Fact,
  fact,
  httpProbe,
  minutes,
  pythonFact,
  type Recipe,
  script,
  secret,
  sh,
} from 'stage-deploy'

export const recipe: Recipe = defineRecipe({
  name: 'migrations',
  requires: ['psql'],
  facts: {
    free: fact(['df', '-Pk', '.'], stdout => Number(stdout)),
    pythons: pythonFact('print()', (stdout): readonly string[] => stdout.split('\n')),
  },
  check: ({ facts, fleet }) => {
    const free: number = facts.free
    const all: readonly string[] = [...fleet.values()].flatMap(answers => answers.pythons)
    // @ts-expect-error no such question was asked
    const other: unknown = facts.fere
    // @ts-expect-error a fact has the type that its parser returned
    const text: string = facts.free
    return [`${free} ${all} ${other} ${text}`]
  },
  env: ({ facts }) => ({ FREE: facts.free.toFixed(0) }),
  steps: ({ intent, revision }) =>
    intent === 'rollback' ? {} : { 'before:switch': [exec(['migrate', revision.version], { once: 'db' })] },
})

export const none: Recipe = defineRecipe({ name: 'none' })

export const parsed: Fact<number> = fact(['nproc'], Number)

defineRecipe({
  name: 'typo',
  // @ts-expect-error a slot that does not exist
  steps: () => ({ 'before:swich': [exec(['true'])] }),
})

// @ts-expect-error a recipe has a name
defineRecipe({ steps: () => ({}) })

// @ts-expect-error a secret cannot be an argument: everybody on the host can read a process list
exec(['login', secret('TOKEN')])

// @ts-expect-error nor a value of a script
sh`login ${secret('TOKEN')}`

// @ts-expect-error nor a header
httpProbe('http://x/', { headers: { Authorization: secret('TOKEN') } })

// @ts-expect-error a program is not a command line
exec('make test')

// @ts-expect-error a script is written with sh, so that values are no part of its text
script('rm -rf x')

// @ts-expect-error an option that does not exist
exec(['make'], { tiemout: minutes(5) })

// @ts-expect-error a duration names its unit
exec(['make'], { timeout: 30 })

// @ts-expect-error a probe starts no program that could have variables
httpProbe('http://x/', { env: { A: 'b' } })
