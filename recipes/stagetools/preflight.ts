import { filledIn } from './placeholders.ts'
import { type StagetoolsSettings, stageOf } from './settings.ts'
import { placeIn, type StagetoolsContext } from './steps.ts'

/** Where the account or the host is not what the stage expects: found before anything is built. Each a sentence. */
export function accountProblems(settings: StagetoolsSettings, context: StagetoolsContext): readonly string[] {
  const stage = stageOf(settings, context.stage)
  const place = placeIn(settings, stage, context)
  const { account } = context.facts
  const compared = [
    ['the account', stage.user, account.user],
    ['its group', stage.group, account.group],
    ['the host', stage.host, account.host],
  ] as const
  return compared.flatMap(([what, expected, found]) => {
    const wanted = expected === undefined ? found : filledIn(expected, place)
    return wanted === found
      ? []
      : [`${place.system}: ${what} is expected to be '${wanted}', and is '${found}'`]
  })
}
