/**
 * The texts of the message table, each with its bound: what a host says is read by these and by nothing weaker. A
 * remote end cuts what is longer and leaves out what does not fit, before it is sent (`fit_answer.py`): old and
 * damaged records say less, and are never a reason not to read a host.
 */
import * as v from 'valibot'

/**
 * In UTF-16 units. A remote end cuts at half of it: a character that Python counts as one takes two units at most. The
 * text of a link, which must arrive whole, has at most 4095 bytes (`PATH_MAX` of Linux).
 */
const TEXT_UNITS = 32_768

/** What a program printed. All facts of one answer share 256 KiB. */
const OUTPUT_UNITS = 1_048_576

/** Of a message to a host: the frame bounds it. */
export const free = v.string()

/** For people, or a path: any characters, so it is made printable where it is shown. */
export const text = v.pipe(v.string(), v.maxLength(TEXT_UNITS))
export const output = v.pipe(v.string(), v.maxLength(OUTPUT_UNITS))

const of = (pattern: RegExp, whatNot: string) =>
  v.pipe(
    v.string(),
    v.regex(pattern, ({ received }) => `${received} is ${whatNot}`),
  )

/** As `layout.py` has it: a directory of the root. */
export const revisionName = of(/^[A-Za-z0-9][A-Za-z0-9._+!-]{0,199}$/, 'no name of a revision')
/** As `layout.py` has it: a link of the root. */
export const stageName = of(/^[a-z][a-z0-9_-]{0,199}$/, 'no name of a stage')
/** As the configuration has it. */
export const hostName = of(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/, 'no name of a host')
/** Of a switch: the id of the run that armed it. */
export const switchId = of(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'no id of a switch')
/** Of a project, and of a version: the parts of a revision's name. Empty where the name has no such part. */
export const namePart = of(/^[A-Za-z0-9._+!-]{0,200}$/, 'no name or version')
/** `3.11.2`, `3.14.0rc1`. */
export const pythonVersion = of(/^[0-9]{1,4}(?:[.][0-9A-Za-z+]{1,16}){1,4}$/, 'no version of Python')
/** FIPS 180-4, in lower-case hexadecimal. */
export const sha256 = of(/^[0-9a-f]{64}$/, 'no sha256')
/** A moment in decimal: it does not fit into a JavaScript number. */
export const nanoseconds = of(/^[0-9]{1,20}$/, 'no time in nanoseconds')
/** No path, no option, no hidden file (`src/artifact/product.ts` has the same rule for files on the runner). */
export const plainFileName = of(/^[A-Za-z0-9_][A-Za-z0-9._+!-]{0,199}$/, 'no plain name of a file')

/** A list of at most so many. */
export const list = <Item extends v.GenericSchema>(item: Item, most: number) =>
  v.pipe(v.array(item), v.maxLength(most))
