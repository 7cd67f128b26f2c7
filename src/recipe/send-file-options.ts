import { isPlainFileName } from '../artifact/product.ts'
import type { SendFileStep } from '../model/step.ts'
import { shortened } from './argv.ts'
import type { Place } from './place.ts'
import { readOptions } from './read-options.ts'
import { readProductsName } from './read-share.ts'
import { readText } from './readers.ts'
import type { StepOptions } from './step-options.ts'

/** Where a file goes, and what the sending is called. */
export interface SendFileOptions extends Pick<StepOptions, 'title'> {
  /** The directory in `DEPLOY_PRODUCTS` in which it is found, under its own name. Default: `files`. */
  readonly name?: string
}

export const sendFileKeys = ['name', 'title'] as const
type Fields = Readonly<Partial<Record<(typeof sendFileKeys)[number], unknown>>>

/** A file of the runner, to be sent to the host. */
export function readSendFile(
  file: unknown,
  fileAt: Place,
  { name = 'files', title }: Fields,
  place: Place,
): SendFileStep {
  const path = readText(file, fileAt, 'the path of a file of this machine')
  const plain = path.slice(path.lastIndexOf('/') + 1)
  if (path !== '' && !isPlainFileName(plain)) {
    const hint = 'letters, digits and . _ + ! - make one; a letter, a digit or _ is the first'
    fileAt.wrong('file-name', `'${plain}' cannot be the name of a file that is sent`, hint)
  }
  const defaults = { title: shortened(`send ${plain.replace(/\p{Cc}/gu, ' ')}`) }
  return {
    kind: 'send-file',
    file: path,
    name: readProductsName(name, place.at('name')),
    // It may take as long as it likes, while it moves.
    ...readOptions({ title, timeoutOption: '`fileTimeout`' }, place, defaults, () => undefined),
  }
}
