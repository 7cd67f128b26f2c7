import { resolveTarget } from '../../config/resolve-target.ts'
import type { ResolvedConfig } from '../../config/resolved-config.ts'
import type { StageCheck } from '../../model/check.ts'
import type { HostName, StageName } from '../../model/names.ts'
import { type ExitCode, exitCodes } from '../../model/outcome.ts'
import type { AnyRecipe } from '../../model/recipe.ts'
import { StageError } from '../../model/stage-error.ts'
import type { Host, Target } from '../../model/target.ts'
import { inspectHost } from '../../observe/inspect-host.ts'
import {
  type CheckQuestion,
  checkQuestions,
  checkStage,
  type Inspected,
} from '../../plan/check/check-stage.ts'
import { sharedToLookAt } from '../../plan/preflight-shared.ts'
import { checkAsJson } from '../../report/check-json.ts'
import { formatCheck } from '../../report/check-table.ts'
import { createPaint } from '../../report/paint.ts'
import { jsonText } from '../../report/wire.ts'
import { type HostFlags, hostFilter } from '../flags.ts'
import { leftOutHosts, notYetAsked } from '../left-out.ts'
import { readConfiguration } from '../read-configuration.ts'
import { tellResult } from '../results.ts'
import { runIdentity } from '../run-identity.ts'
import type { Command } from '../run-on-stage.ts'
import { openSession, type Session } from '../session.ts'
import { wantsColour } from '../surroundings.ts'

/**
 * `deploy check [STAGE]`: expected against actual, field by field. Reads only. 0: all is as expected; 6: a split; 3: a host could
 * not be read; 8: something differs.
 */
export async function check(
  command: Command,
  named: StageName | undefined,
  flags: HostFlags,
): Promise<ExitCode> {
  const { around } = command
  if (named === undefined && (flags.hosts !== undefined || flags.except !== undefined)) {
    throw new StageError('usage', '--hosts and --except choose among the hosts of one stage', {
      hint: 'name the stage: `deploy check STAGE --hosts …`',
    })
  }
  const config = await readConfiguration(command, flags)
  const targets =
    named === undefined
      ? [...config.stages.keys()].map(stage => resolveTarget(config, stage))
      : [resolveTarget(config, named, hostFilter(flags))]
  const checks = await checkTargets(command, config, targets)
  const paint = createPaint({ colour: wantsColour(around.stdout, around.env, flags.color) })
  const text = flags.json === true ? jsonText(checkAsJson(checks)) : formatCheck(checks, paint)
  const { interrupted } = command.interrupts
  return tellResult(around.stdout, text, { exit: exitOf(checks), interrupted })
}

/** One connection for each host, whatever stages it is in. */
async function checkTargets(
  { around, interrupts }: Command,
  config: ResolvedConfig,
  targets: readonly Target[],
): Promise<readonly StageCheck[]> {
  const [first] = targets
  if (first === undefined) throw new StageError('config', 'the configuration has no stages')
  const { interrupted: signal, abandoned } = interrupts
  const session = openSession(first, runIdentity(around), around, { emit: () => undefined, interrupts })
  try {
    const hosts = new Map<HostName, Host>(
      targets.flatMap(({ hosts }) => hosts.map(host => [host.name, host])),
    )
    const look = {
      stages: [...config.stages.keys()],
      check: [],
      recipes: first.recipes.map(onlyWhatIsExpected),
      shared: [...new Set(targets.flatMap(sharedToLookAt))],
    }
    const asked = await session.observe([...hosts.values()], look)
    // A switch of hosts that were left out may be theirs too: it is judged by all of them.
    const needed = targets.flatMap(target => notYetAsked(leftOutHosts(config, target), asked))
    const observations =
      needed.length === 0 ? asked : new Map([...asked, ...(await session.observe(needed, look))])
    const checks: StageCheck[] = []
    for (const target of targets) {
      const questions = checkQuestions(target, observations)
      const inspected = await inspectAll(session, questions, {
        ...{ now: around.now, signal, abandoned },
        // It reads every byte of what is live.
        limitMs: target.fileTimeoutMs,
      })
      checks.push(checkStage(target, observations, questions, inspected))
    }
    if (signal.aborted) throw new StageError('interrupted', 'the check was called off')
    return checks
  } finally {
    await session.close()
  }
}

/** Facts that only a deploy needs are not asked. */
const onlyWhatIsExpected = (recipe: AnyRecipe): AnyRecipe =>
  recipe.expect === undefined ? { ...recipe, facts: {} } : recipe

interface InspectDeps {
  readonly now: () => number
  readonly signal: AbortSignal
  readonly abandoned: AbortSignal
  readonly limitMs: number
}

async function inspectAll(
  session: Session,
  questions: readonly CheckQuestion[],
  deps: InspectDeps,
): Promise<ReadonlyMap<HostName, Inspected>> {
  const looks = questions.map(
    async question => [question.host.name, await inspect(session, question, deps)] as const,
  )
  return new Map(await Promise.all(looks))
}

/** Every host runs to its own end: one that is lost hides no other. */
async function inspect(session: Session, question: CheckQuestion, deps: InspectDeps): Promise<Inspected> {
  const end = session.ends.get(question.host.name)
  if (end === undefined)
    return { kind: 'unread', code: 'unreachable', reason: 'it was not asked', hint: undefined }
  try {
    return {
      kind: 'inspected',
      inspection: await inspectHost(end, question, { ...deps, abandoned: AbortSignal.any([deps.abandoned]) }),
    }
  } catch (error) {
    const known = error instanceof StageError ? error : undefined
    const reason = known?.reason ?? (error instanceof Error ? error.message : String(error))
    return { kind: 'unread', code: known?.code ?? 'bug', reason, hint: known?.hint }
  }
}

function exitOf(checks: readonly StageCheck[]): ExitCode {
  if (checks.some(({ split }) => split !== undefined)) return exitCodes.splitOrUnknown
  const hosts = checks.flatMap(one => [...one.hosts.values()])
  if (hosts.some(({ kind }) => kind === 'unread')) return exitCodes.refused
  const differs = hosts.some(
    host => host.kind === 'read' && host.drift.some(({ severity }) => severity === 'drift'),
  )
  return differs ? exitCodes.drift : exitCodes.done
}
