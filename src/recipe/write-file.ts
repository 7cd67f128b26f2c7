import type { WriteFileStep } from '../model/step.ts'
import { readUndo } from './read-step.ts'
import { readFields } from './readers.ts'
import { valid } from './valid.ts'
import { readWriteFile, type WriteFileOptions, writeFileKeys } from './write-file-options.ts'

/**
 * A file on the host, written whole or not at all, and left alone where it is so already. `{{ NAME }}` in its text or its
 * path is a variable of the step: `DEPLOY_*`, `env`, secrets too. One that the step does not have is an error before any
 * host is changed.
 *
 * @param path from the revision's directory where it is not absolute
 * @throws StageError `config` with everything that is wrong with the template or the options
 */
export function writeFile(path: string, text: string, options: WriteFileOptions = {}): WriteFileStep {
  return valid('writeFile', place => {
    const fields = readFields(options, place, writeFileKeys)
    const places = { path: place.at('path'), text: place.at('text') }
    return readWriteFile({ path, text }, places, fields, place, readUndo)
  })
}
