import type { SendFileStep } from '../model/step.ts'
import { readFields } from './readers.ts'
import { readSendFile, type SendFileOptions, sendFileKeys } from './send-file-options.ts'
import { valid } from './valid.ts'

/**
 * A file of the machine that runs `deploy`, for the steps of the build that come after it: they find it whole, under its own
 * name, in `DEPLOY_PRODUCTS/{name}`. It is gone when the revision is sealed. Only in the slot `build`.
 *
 * @param file from the configuration's directory where it is not absolute. One that cannot be read is an error before any host
 *   is changed
 * @throws StageError `config` with everything that is wrong with the name or the options
 */
export function sendFile(file: string, options: SendFileOptions = {}): SendFileStep {
  return valid('sendFile', place =>
    readSendFile(file, place.at('file'), readFields(options, place, sendFileKeys), place),
  )
}
