import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Project } from './project.ts'

/**
 * Puts files of a team's own beside its configuration, and what they add to it: `changes` is the text of an object, in which
 * functions may stand, and `imports` what it needs.
 */
export async function withOwnCode(
  { directory }: Project,
  written: {
    readonly imports: string
    readonly changes: string
    readonly files?: Readonly<Record<string, string>>
  },
): Promise<void> {
  await rename(join(directory, 'stage.config.ts'), join(directory, 'base.config.ts'))
  for (const [path, text] of Object.entries(written.files ?? {})) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  const text = `${written.imports}\nimport base from './base.config.ts'\n\nexport default { ...base, ...${written.changes} }\n`
  await writeFile(join(directory, 'stage.config.ts'), text)
}
