import { argvOf, directoryOf, envOf } from './command.ts'
import type { ServiceSettings } from './settings.ts'
import { identityOf, pythonEnvironment, type Start } from './start.ts'

/** Which service of which stage, on one host. */
export interface Where {
  readonly project: string
  readonly stage: string
  readonly host: string
  /** Absolute. */
  readonly root: string
  /** The deploy account. */
  readonly deployUser: string
}

/** Everything that a manager is told of one service, whichever manager that is. */
export interface Definition {
  readonly settings: ServiceSettings
  /** `shop-production`: what the manager calls it, without a suffix. */
  readonly unit: string
  /** The first line of its file: whose it is. What has another one was not made for this stage, and is never written over. */
  readonly header: string
  readonly title: string
  readonly start: Start
  readonly env: Readonly<Record<string, string>>
  readonly environmentFile: string
  /** Whom it runs as, where its manager can run it as anybody. */
  readonly account: string
  readonly reader: string | undefined
}

/** What the manager of every host calls the service of this stage. */
export const unitName = ({ name }: Pick<ServiceSettings, 'name'>, stage: string): string => `${name}-${stage}`

/** @throws StageError `config` where it cannot be told for this stage */
export function definitionOf(settings: ServiceSettings, where: Where): Definition {
  const { stage, root, deployUser } = where
  const argv = argvOf(settings, stage)
  return {
    settings,
    unit: unitName(settings, stage),
    header: headerOf(root, stage),
    title: `${settings.name} (${stage})`,
    start: { link: `${root}/${stage}`, argv, directory: directoryOf(settings, argv) },
    env: { ...pythonEnvironment, ...envOf(settings, stage), ...identityOf(where) },
    environmentFile: `${root}/shared/${stage}.env`,
    account: settings.user ?? deployUser,
    reader: readerOf(settings, deployUser),
  }
}

/** Who reads the variables of a stage; undefined: systemd does, as root, before it becomes anybody. */
export const readerOf = ({ manager, user }: ServiceSettings, deployUser: string): string | undefined =>
  manager === 'systemd' ? undefined : (user ?? deployUser)

/** Says the root and the stage, so that two projects with services of one name are told apart. */
export const headerOf = (root: string, stage: string): string =>
  `Written by stage-deploy for ${root}/${stage}: it is written anew when the stage is switched`
