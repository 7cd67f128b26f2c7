import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Builder } from '../model/builder.ts'
import type { Sha256, StageName } from '../model/names.ts'
import { type ArrivingProducts, arriving, textOf, unkept } from './arriving-products.ts'
import { GrowingFile } from './growing-file.ts'
import { ownDirectory, type Us } from './own-directory.ts'
import { openPlainFile } from './plain-file.ts'
import type { Product, Products } from './product.ts'
import { readEntry } from './product-entry.ts'
import { type CacheLimits, entryName, productionCacheLimits, removeOldEntries } from './product-retention.ts'

/** What an earlier run built and this machine kept. It is held open: its file may be removed or replaced meanwhile. */
export interface KeptProducts extends Products {
  readonly builder: Builder
  /** Whoever is used last goes last. */
  used(): Promise<void>
}

/**
 * What was built for a platform once, kept on the runner for hosts and runs to come. Disposing of it closes all files:
 * nothing that came from here can be read afterwards.
 */
export interface ProductCache extends AsyncDisposable {
  /**
   * Looks whether there is room for a file, while nothing is begun yet. Rejects with StageError `artifact` where
   * there is none at all; that nothing can be kept for later runs is only warned about.
   */
  prepare(): Promise<void>
  /**
   * What a host of that stage built. Reads every byte, and writes none: a damaged file counts as missing, and the next
   * build replaces it.
   */
  find(id: Sha256, builtFor: StageName): Promise<KeptProducts | undefined>
  begin(id: Sha256, builder: Builder, files: readonly Product[]): Promise<ArrivingProducts>
  /** What turned out to be bad is not handed out again. */
  forget(id: Sha256, builtFor: StageName): Promise<void>
}

export interface CacheOptions {
  /** Called with a sentence where the cache does not do what it is for; the run goes on without. */
  readonly warn: (message: string) => void
  readonly limits?: CacheLimits
  /** Nobody else may be able to put anything there: it is installed on hosts. Left out: that is not looked at. */
  readonly us?: Us | undefined
}

/** @param directory made when it is needed; undefined: there is none, and nothing outlives the run */
export function productCache(directory: string | undefined, options: CacheOptions): ProductCache {
  return new DirectoryCache(directory, options)
}

const BY_OTHERS = 0o022

class DirectoryCache implements ProductCache {
  #directory: string | undefined
  readonly #warn: (message: string) => void
  readonly #limits: CacheLimits
  readonly #us: Us | undefined
  #judged: Promise<void> | undefined
  readonly #open: { close(): Promise<void> }[] = []

  constructor(directory: string | undefined, { warn, limits = productionCacheLimits, us }: CacheOptions) {
    this.#directory = directory
    this.#warn = warn
    this.#limits = limits
    this.#us = us
  }

  async prepare(): Promise<void> {
    const { file, temporary } = await this.#temporary('looked')
    await file.close()
    if (temporary !== undefined) await rm(temporary, { force: true })
  }

  async find(id: Sha256, builtFor: StageName): Promise<KeptProducts | undefined> {
    const directory = await this.#whereItIsThere()
    if (directory === undefined) return undefined
    const path = join(directory, entryName(id, builtFor))
    const file = await openPlainFile(path, { flags: constants.O_NOFOLLOW }).catch(() => undefined)
    if (file === undefined) return undefined
    if (!(await this.#isOurs(file))) {
      await file.close()
      this.#warn(`${path} is not ours alone, and not used: it is built again`)
      return undefined
    }
    const entry = await readEntry(file).catch(() => undefined)
    if (entry?.builder.stage !== builtFor) {
      await file.close()
      this.#warn(`${path} was damaged: it is built again`)
      return undefined
    }
    this.#open.push(file)
    const bytes = new GrowingFile(file, entry.start, entry.bytes)
    bytes.finish()
    return {
      builder: entry.builder,
      files: entry.products,
      read: signal => bytes.read(signal),
      async used() {
        const now = new Date()
        await file.utimes(now, now).catch(() => undefined)
      },
    }
  }

  async begin(id: Sha256, builder: Builder, files: readonly Product[]): Promise<ArrivingProducts> {
    const name = entryName(id, builder.stage)
    const { file, temporary } = await this.#temporary(name)
    this.#open.push(file)
    const drop = async () => {
      if (temporary !== undefined) await rm(temporary, { force: true })
    }
    const entry = await arriving({ builder, files }, file, { keep: () => this.#keep(name, temporary), drop })
    this.#open.push({ close: () => entry.fail() })
    return entry
  }

  async forget(id: Sha256, builtFor: StageName): Promise<void> {
    const directory = await this.#whereItIsThere()
    if (directory === undefined) return
    const path = join(directory, entryName(id, builtFor))
    await rm(path, { force: true }).catch(error => this.#warn(`${path} cannot be removed: ${textOf(error)}`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.splice(0).map(one => one.close().catch(() => undefined)))
  }

  /** Makes the directory, once. From then on there is none where it cannot be made, or is not ours alone. */
  async #own(): Promise<void> {
    const directory = this.#directory
    if (directory === undefined) return
    this.#judged ??= ownDirectory(directory, this.#us).catch(error => this.#giveUp(error))
    await this.#judged
  }

  #giveUp(error: unknown): void {
    const instead = `make ${this.#directory} yours alone (chown, chmod 700), or name another directory in XDG_CACHE_HOME`
    this.#warn(`What is built for other hosts cannot be kept for later runs: ${textOf(error)}; ${instead}`)
    this.#directory = undefined
  }

  /** A look makes no directory. */
  async #whereItIsThere(): Promise<string | undefined> {
    if (this.#directory === undefined || !existsSync(this.#directory)) return undefined
    await this.#own()
    return this.#directory
  }

  /** What was put there before the directory was closed to others is still theirs. */
  async #isOurs(file: FileHandle): Promise<boolean> {
    if (this.#us === undefined) return true
    const { uid, mode } = await file.stat()
    return this.#us.owners.has(uid) && (mode & BY_OTHERS) === 0
  }

  /** A file to write to. One that has no name has no place to stay in, and goes when it is closed. */
  async #temporary(
    name: string,
  ): Promise<{ readonly file: FileHandle; readonly temporary: string | undefined }> {
    await this.#own()
    if (this.#directory !== undefined) {
      try {
        const temporary = join(this.#directory, `${name}.${randomBytes(8).toString('hex')}.new`)
        return { file: await open(temporary, 'wx+', 0o600), temporary }
      } catch (error) {
        this.#giveUp(error)
      }
    }
    try {
      const path = join(tmpdir(), `stage-deploy-${randomBytes(16).toString('hex')}`)
      const file = await open(path, 'wx+', 0o600)
      await rm(path)
      return { file, temporary: undefined }
    } catch (error) {
      throw unkept(error)
    }
  }

  async #keep(name: string, temporary: string | undefined): Promise<void> {
    if (this.#directory === undefined || temporary === undefined) return
    try {
      await rename(temporary, join(this.#directory, name))
      await removeOldEntries(this.#directory, this.#limits)
    } catch (error) {
      this.#warn(`What was built cannot be kept for later runs: ${textOf(error)}`)
    }
  }
}
