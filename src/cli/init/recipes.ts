import { packageOf } from './django-settings.ts'

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
  readonly body: (names: ProjectNames) => readonly string[]
}

/** What a project is called in Python, and on a host. */
interface ProjectNames {
  /** As most projects call their package: `my_shop`. */
  readonly module: string
  /** As a unit is called: `my-shop`. */
  readonly service: string
  /** The settings module of a Django project. */
  readonly settings: string
}

/**
 * @param project as its sdist says it
 * @param settings what its `manage.py` says; undefined: as most projects call them
 */
export function namesOf(project: string, settings?: string): ProjectNames {
  const module = project.toLowerCase().replaceAll(/[-_.]+/g, '_')
  const service = project.toLowerCase().replaceAll(/[-_.]+/g, '-')
  return { module, service, settings: settings ?? `${module}.settings` }
}

/** A service on a port of its own for each stage; web1 has both in a new configuration. */
const serviceOf = (service: string, ...program: readonly string[]): readonly string[] => [
  '    // Run by systemd for this account, which has to linger, once: sudo loginctl enable-linger deploy',
  '    // Restarted after the switch, and looked for in the new revision. gunicorn, uvicorn, hypercorn, or any command.',
  '    service({',
  `      name: '${service}',`,
  ...program.map(line => `      ${line}`),
  '      listen: { staging: 8001, production: 8000 },',
  '    }),',
]

const environment = [
  '    // An environment for every revision, built from its sdist with the newest Python that all hosts have.',
  "    python({ requires: '>=3.8' }),",
]

/** The recipes that a configuration can begin with. Only what comes with this tool stands here. */
export const initRecipes: readonly [InitRecipe, ...(readonly InitRecipe[])] = [
  {
    name: 'python',
    summary: 'an environment for every revision, built from its sdist',
    api: ['exec', 'minutes'],
    recipes: ['python'],
    body: () => [
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
  {
    name: 'service',
    summary: 'the same, and a program that systemd or supervisord runs out of the live revision',
    api: ['exec', 'minutes'],
    recipes: ['python', 'service'],
    body: ({ module, service }) => [
      '  recipes: [',
      ...environment,
      ...serviceOf(service, "server: 'gunicorn',", `app: '${module}.wsgi',`),
      '  ],',
      '',
      '  // A revision that fails one of these on any host is rejected, and can never be switched to.',
      "  // verify: [exec(['.env/bin/python', '-m', 'unittest'], { timeout: minutes(5) })],",
    ],
  },
  {
    name: 'django',
    summary: 'a Django project: static files, checks, one secret key for a stage, migrations, and gunicorn',
    api: [],
    recipes: ['django', 'http', 'python', 'service'],
    body: ({ service, settings }) => [
      '  recipes: [',
      ...environment,
      '    // collectstatic into each revision, check --deploy before its seal, one SECRET_KEY for all hosts of a stage, and migrations',
      '    // once before the switch. What the settings need for it: docs/django.md of stage-deploy.',
      `    django({ settings: '${settings}' }),`,
      ...serviceOf(service, "server: 'gunicorn',", `app: '${packageOf(settings)}.wsgi',`),
      '    // Asked on every host after the switch: where it does not answer with 200, all hosts are put back. Name a page of yours.',
      "    // ALLOWED_HOSTS has to have 127.0.0.1; or ask by a name that it has: headers: { Host: 'www.example.com' }.",
      "    http({ url: { staging: 'http://127.0.0.1:8001/', production: 'http://127.0.0.1:8000/' } }),",
      '  ],',
    ],
  },
  {
    name: 'stagetools',
    summary: 'a project built on stagetools: an environment that is named for each stage',
    api: [],
    recipes: ['python', 'service', 'stagetools'],
    body: ({ module, service }) => [
      '  recipes: [',
      '    // Nothing is imported while it is built: before it knows which system it is, such an application refuses that.',
      "    python({ requires: '>=3.8', check: { imports: false } }),",
      '    // The class of each stage: p, q, i or d for production, quality assurance, integration, development. It is never guessed.',
      "    stagetools({ stages: { staging: 'q', production: 'p' } }),",
      ...serviceOf(
        service,
        'command: {',
        ...[['staging', 'q'] as const, ['production', 'p'] as const].map(
          ([stage, letter]) =>
            `  ${stage}: ['${module}_${letter}/bin/python', '-m', 'uvicorn', '--port', '{port}', 'stagetools.asgi:application'],`,
        ),
        '},',
      ),
      '  ],',
    ],
  },
]
