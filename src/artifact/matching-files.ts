import { glob } from 'tinyglobby'

/** The files that a glob matches, as absolute paths in alphabetical order. Understands `*`, `?`, `**`, `[…]`, `{a,b}`. */
export async function matchingFiles(pattern: string, baseDir: string): Promise<readonly string[]> {
  const files = await glob(pattern, { cwd: baseDir, absolute: true, expandDirectories: false })
  return files.toSorted()
}
