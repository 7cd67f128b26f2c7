import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeSdist, type SdistOptions } from '../../support/make-sdist.ts'

/** The project that the tests ship. */
export const PROJECT = 'shop'

export type ReleaseOptions = Partial<Omit<SdistOptions, 'version'>>

/** Writes `shop-{version}.tar.gz` into the project's `dist`, where `deploy STAGE` finds it. @returns its path */
export async function release(
  project: { readonly directory: string },
  version: string,
  options: ReleaseOptions = {},
): Promise<string> {
  const bytes = makeSdist({ name: PROJECT, version, ...options })
  return await releaseBytes(project, `${options.name ?? PROJECT}-${version}.tar.gz`, bytes)
}

/** The same with bytes of the test's own choice. */
export async function releaseBytes(
  project: { readonly directory: string },
  fileName: string,
  bytes: Buffer,
): Promise<string> {
  const dist = join(project.directory, 'dist')
  await mkdir(dist, { recursive: true })
  const path = join(dist, fileName)
  await writeFile(path, bytes)
  return path
}
