import type { StageName } from '../model/names.ts'
import type { AnyRecipe } from '../model/recipe.ts'
import { environmentFileOf } from '../model/shared.ts'
import type { SharedSettings } from '../model/target.ts'
import type { Place } from '../recipe/place.ts'
import { readFields, readList, readText, unexpected } from '../recipe/readers.ts'

/** What a deploy writes into a revision itself: nothing of it outlives the revision. */
const ownNames = ['.revision.json', '.build.log']

/** Whose files and paths are nothing that revisions could share. */
interface Taken {
  readonly stages: readonly StageName[]
  readonly recipes: readonly Pick<AnyRecipe, 'name' | 'reserves'>[]
}

/** What is shared by all revisions of a root, by path. */
export function readShared(value: unknown, place: Place, others: Taken): SharedSettings {
  const { directories = [], files = [] } = readFields(value, place, ['directories', 'files'])
  const taken = new Set<string>()
  const read = (written: unknown, at: Place) =>
    readList(written, at, 'a list of paths', (entry, entryAt) => {
      const path = readSharedPath(entry, entryAt, others)
      if (path !== '') apart(path, entryAt, taken)
      return path
    }).toSorted()
  return {
    directories: read(directories, place.at('directories')),
    files: read(files, place.at('files')),
  }
}

/** Relative, spelled in one way, and not in what belongs to the revision or to one stage. */
function readSharedPath(value: unknown, place: Place, { stages, recipes }: Taken): string {
  const path = readText(value, place, 'a path in {root}/shared')
  const [first = '', ...more] = path.split('/')
  if (path === '') return ''
  if (/\p{Cc}/u.test(path)) place.wrong('shared-path', 'a path cannot have control characters')
  else if ([first, ...more].some(part => part === '' || part === '.' || part === '..'))
    unexpected(
      value,
      place,
      "a relative path without '.', '..' and empty parts, such as 'media' or 'var/log'",
    )
  else if (ownNames.includes(first))
    place.wrong('shared-path', `'${first}' belongs to each revision and cannot be shared`)
  else if (stages.some(stage => environmentFileOf(stage) === first))
    place.wrong(
      'shared-path',
      `'${first}' in {root}/shared has the variables of one stage, and a revision belongs to none`,
      'units read it where it stands; share a file of another name',
    )
  for (const { name, reserves } of recipes)
    for (const { path: reserved, option = `the recipe ${name}` } of reserves)
      if (areNested(path, reserved))
        place.wrong(
          'shared-path',
          `'${path}' cannot be shared: every revision has ${path === reserved ? 'one' : `'${reserved}'`} of its own`,
          `${option} decides what it is called`,
        )
  return path
}

const areNested = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)

/** No path twice, and none in another one: that would be a link behind a link. */
function apart(path: string, place: Place, taken: Set<string>): void {
  const other = [...taken].find(one => areNested(one, path))
  if (other === path) place.wrong('shared-twice', `'${path}' is shared twice`)
  else if (other !== undefined)
    place.wrong('shared-inside', `'${path}' and '${other}' cannot both be shared: one is inside the other`)
  taken.add(path)
}
