/** The name of a Python project, and where it is written. */
export interface ProjectName {
  readonly name: string
  readonly file: string
}

/** PEP 508, names of distributions. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/

/** Where a project may say its name, by the order in which a build would believe it. */
const sources: readonly { readonly file: string; readonly read: (text: string) => string | undefined }[] = [
  { file: 'pyproject.toml', read: text => inSection(text, 'project') ?? inSection(text, 'tool.poetry') },
  { file: 'setup.cfg', read: text => inSection(text, 'metadata') },
  { file: 'setup.py', read: inSetupCall },
]

/**
 * Finds the name of a project in its own files, of which nothing is executed: a name that is computed is not found.
 *
 * @param read the text of a file of the project; undefined where there is none
 */
export async function findProjectName(
  read: (file: string) => Promise<string | undefined>,
): Promise<ProjectName | undefined> {
  for (const { file, read: nameIn } of sources) {
    const name = nameIn((await read(file)) ?? '')
    if (name !== undefined && NAME.test(name)) return { name, file }
  }
  return undefined
}

/** `name = …` below `[section]`, as TOML and INI both write it: bare or quoted, with a comment behind it. */
function inSection(text: string, section: string): string | undefined {
  let current = ''
  for (const line of text.split(/\r?\n/)) {
    const [, heading] = /^\s*\[\s*([^[\]]+?)\s*\]\s*(?:[#;].*)?$/.exec(line) ?? []
    if (heading !== undefined) current = heading
    const [, quoted, bare] = /^name\s*[=:]\s*(?:(["'].*?["'])|([^\s"'#;]+))\s*(?:[#;].*)?$/.exec(line) ?? []
    if (current === section && (quoted ?? bare) !== undefined) return quoted?.slice(1, -1) ?? bare
  }
  return undefined
}

/** The first `name='…'` behind `setup(`, comments left out. */
function inSetupCall(text: string): string | undefined {
  const code = text.replaceAll(/^\s*#.*$/gm, '')
  return /\bsetup\s*\([\s\S]*?\bname\s*=\s*(?<quote>["'])(?<name>[^"'\n]+)\k<quote>\s*[,)]/.exec(code)
    ?.groups?.['name']
}
