import { type InitRecipe, namesOf } from './recipes.ts'

/** What a configuration is written for. */
export interface NewProject {
  /** As its sdist says it. */
  readonly name: string
  /** What builds its sdist. */
  readonly build: readonly string[]
  /** The settings module of a Django project, where that is known. */
  readonly settings?: string | undefined
}

/** The text of a configuration to begin with: it loads as it is, and its hosts are still to be named. */
export function newConfig({ name: project, build, settings }: NewProject, recipe: InitRecipe): string {
  const body = recipe.body(namesOf(project, settings))
  const modules = recipe.recipes.map(name => importLine([name], `stage-deploy/recipes/${name}`))
  // What only comments use would be an unused import, which some projects refuse.
  const code = body.filter(line => !line.trimStart().startsWith('//')).join('\n')
  const used = recipe.api.filter(name => code.includes(`${name}(`))
  const unused = recipe.api.filter(name => !used.includes(name))
  return [
    '// What is deployed where. Every key: docs/configuration.md of stage-deploy.\n',
    ...(unused.length === 0
      ? []
      : [`// The commented lines need, from 'stage-deploy': ${unused.join(', ')}\n`]),
    importLine(['defineConfig', ...used], 'stage-deploy'),
    ...modules,
    `\nexport default defineConfig({\n`,
    `  // The name of the Python project, as its sdist says it.\n  project: '${project}',\n\n`,
    '  // On every host: one directory for each revision, and one link for each stage.\n',
    "  root: '/var/webcode',\n\n",
    '  // What is shipped: of several the highest version, or with --build the one that this command has written.\n',
    "  artifact: { sdist: 'dist/*.tar.gz', build: BUILD },\n\n".replace(
      'BUILD',
      `[${build.map(word => `'${word}'`).join(', ')}]`,
    ),
    '  // Short names for SSH destinations: [user@]address[:port]. ~/.ssh/config applies.\n',
    "  hosts: {\n    web1: 'deploy@web1.example.com',\n    web2: 'deploy@web2.example.com',\n  },\n\n",
    '  // A stage is a link of its name on each of its hosts. They all switch, or none does.\n',
    "  stages: {\n    staging: { hosts: ['web1'] },\n",
    '    // Releases only, and only what was live on staging before.\n',
    "    production: { hosts: ['web1', 'web2'], accepts: ['final', 'post'], after: 'staging' },\n  },\n\n",
    ...body.map(line => `${line}\n`),
    '})\n',
  ].join('')
}

const importLine = (names: readonly string[], module: string): string =>
  `import { ${names.join(', ')} } from '${module}'\n`
