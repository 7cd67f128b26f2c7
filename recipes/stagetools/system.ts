import type { AttributeValue, ClassLetter } from './options.ts'

/** A system as stagetools has it: its attributes by their names there. */
export type System = Readonly<Record<string, AttributeValue>>

/** What a system is made of. */
export interface SystemParts {
  readonly configuration: string
  /** The second half of the name, whose first letter is the class. */
  readonly stageName: string
  readonly class: ClassLetter
  /** The directory that `sys.prefix` is. */
  readonly baseDir: string
  readonly user: string
  readonly group: string
  readonly coreRepo: string | undefined
  readonly coreApp: string | undefined
}

/** The numbers of stagetools: PROD 0, QUAL 1, INT 2, DEV 3. */
const classes: Readonly<Record<ClassLetter, number>> = { p: 0, q: 1, i: 2, d: 3 }

/** `my_shop` of `My.Shop`: the name that the project's package most often has. */
export const configurationOf = (project: string): string => project.toLowerCase().replace(/[-_.]+/g, '_')

/** `shop_p`: the name of the system, of its directory, of its database. */
export const systemName = (configuration: string, stageName: string): string =>
  `${configuration}_${stageName}`

/** Every attribute that stagetools derives, as it has to be. */
export function expectedSystem(parts: SystemParts): System {
  const { configuration, stageName, class: letter, baseDir, user, group } = parts
  const { coreRepo = configuration } = parts
  const { coreApp = coreRepo } = parts
  const name = systemName(configuration, stageName)
  return {
    ...{ name, user, group, container: name.replaceAll('_', '-') },
    ...{ configuration, stage_name: stageName, stage: classes[letter] },
    ...{ core_repo: coreRepo, core_app: coreApp, is_debug: letter === 'd' || letter === 'i' },
    ...directoriesOf(baseDir, coreRepo),
    ...modules,
    ...{ database_name: name, database_user: name, database_sqlite_path: `${baseDir}/${coreRepo}.sqlite` },
  }
}

const directoriesOf = (baseDir: string, coreRepo: string): System => ({
  base_dir: baseDir,
  venv_dir: baseDir,
  bin_dir: `${baseDir}/bin`,
  lib_dir: `${baseDir}/lib`,
  src_dir: `${baseDir}/src`,
  python_path: `${baseDir}/bin/python`,
  pip_path: `${baseDir}/bin/pip`,
  core_repo_dir: `${baseDir}/src/${coreRepo}`,
  static_url: 'static/',
  static_dir: `${baseDir}/static`,
  media_url: 'media/',
  media_dir: `${baseDir}/media`,
  manage_py_path: `${baseDir}/src/${coreRepo}/stagetools/manage.py`,
})

/** The same in every project. */
const modules: System = {
  application_name: 'application',
  asgi_module: 'stagetools.asgi',
  asgi_application: 'stagetools.asgi:application',
  wsgi_module: 'stagetools.wsgi',
  wsgi_application: 'stagetools.wsgi:application',
  django_project: 'stagetools_project',
  django_settings: 'stagetools_project.settings',
  django_rooturls: 'stagetools_project.urls',
  django_wsgi_application: 'stagetools.wsgi.application',
}

/** What a system cannot be without. The others are compared where the application has them: versions of stagetools differ. */
export const essential: readonly string[] = [
  ...['name', 'configuration', 'stage_name', 'stage', 'is_debug'],
  ...['core_repo', 'core_app', 'base_dir', 'user', 'group'],
]
