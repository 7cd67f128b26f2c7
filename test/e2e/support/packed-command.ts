import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { mustRun } from '../../support/run-program.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The command as a user has it: installed by npm from the package that would be published. */
    readonly deployCommand: string
  }
}

const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/**
 * Packs this package, installs it into an empty directory and tells the tests where its command is, once for all of
 * them. `STAGE_DEPLOY_PACKAGE` names a packed file to test instead, such as one that was published; `STAGE_DEPLOY_COMMAND` the
 * command of a package that is installed already.
 *
 * @returns what removes it again
 */
export default async function installPackedCommand({ provide }: TestProject): Promise<() => Promise<void>> {
  const installed = process.env['STAGE_DEPLOY_COMMAND']
  if (installed !== undefined) {
    provide('deployCommand', installed)
    return () => Promise.resolve()
  }
  const directory = await mkdtemp(join(tmpdir(), 'stage-packed-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    const file = process.env['STAGE_DEPLOY_PACKAGE'] ?? (await pack(directory))
    const prefix = join(directory, 'prefix')
    // What a package of the lock file needs is in npm's cache: this asks the registry for nothing that is there.
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
    await mustRun(['npm', 'install', '--prefix', prefix, ...options, file], { cwd: directory })
    provide('deployCommand', join(prefix, 'node_modules/stage-deploy/bin/deploy.js'))
  } catch (error) {
    await remove()
    throw error
  }
  return remove
}

async function pack(directory: string): Promise<string> {
  await mustRun(['npm', 'pack', '--loglevel=error', '--pack-destination', directory], { cwd: repository })
  const file = (await readdir(directory)).find(name => name.endsWith('.tgz'))
  if (file === undefined) throw new Error('npm pack has packed nothing')
  return join(directory, file)
}
