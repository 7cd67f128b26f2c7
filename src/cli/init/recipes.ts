/** What a recipe puts into a new configuration. */
export interface InitRecipe {
  readonly name: string
  /** For the help of the command. */
  readonly summary: string
  /** What is imported from `stage-deploy`, beside `defineConfig`. */
  readonly api: readonly string[]
  /** What is imported from `stage-deploy/recipes/NAME`, by the name of the module, which is that of its function. */
  readonly recipes: readonly string[]
  /** Lines from `recipes:` on, by their indentation of two blanks. */
  readonly body: readonly string[]
}

/** The recipes that a configuration can begin with. Only what comes with this tool stands here. */
export const initRecipes: readonly [InitRecipe, ...(readonly InitRecipe[])] = [
  {
    name: 'python',
    summary: 'an environment for every revision, built from its sdist',
    api: ['exec', 'minutes'],
    recipes: ['python'],
    body: [
      '  // An environment for every revision, built from its sdist with the newest Python that all hosts have.',
      "  recipes: [python({ requires: '>=3.8' })],",
      '',
      '  // A revision that fails one of these on any host is rejected, and can never be switched to.',
      "  // verify: [exec(['.env/bin/python', '-m', 'unittest'], { timeout: minutes(5) })],",
      '',
      '  // What makes running processes use the revision that was switched to.',
      "  // hooks: { activate: [exec(['systemctl', '--user', 'restart', 'NAME'])] },",
    ],
  },
]
