import type { StageContext } from 'stage-deploy'
import { type DjangoFacts, holders } from './keys.ts'
import type { DjangoSettings } from './settings.ts'

/** Why the keys of a stage do not let this host be switched. A way back never waits for them. */
export function keyProblems(
  { secretKey }: Pick<DjangoSettings, 'secretKey'>,
  context: StageContext<DjangoFacts>,
): readonly string[] {
  const { intent, stage, paths, facts, leftOut } = context
  if (secretKey === undefined || (intent !== 'deploy' && intent !== 'promote')) return []
  const file = `${paths.shared}/${stage}.env`
  const own = facts.keys.get(stage)
  if (own?.kind === 'unreadable')
    return [
      `this account cannot read ${file}, where the ${secretKey} of ${stage} belongs: chown it to this account`,
    ]
  const [first] = holders(context)
  if (own !== undefined && first !== undefined && own.digest !== first.digest)
    return [
      `its ${secretKey} of ${stage} is not that of ${first.host}, so a session of one host would end on the other: keep one of the two, in ${file} on both`,
    ]
  if (first === undefined && leftOut.length > 0)
    return [
      `no ${secretKey} of ${stage} is on the hosts of this run, and ${leftOut.join(', ')}, left out, may have one: deploy to all hosts of ${stage} once, or put it into ${file}`,
    ]
  return []
}
