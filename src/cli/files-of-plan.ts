import { type SentFile, sentFile } from '../artifact/sent-file.ts'
import type { Plan } from '../model/plan.ts'
import type { Problem } from '../model/problem.ts'
import { StageError } from '../model/stage-error.ts'

/** The files of this machine that a plan sends. */
export interface FilesOfPlan extends AsyncDisposable {
  /** By their paths. */
  readonly files: ReadonlyMap<string, SentFile>
  /** Those that cannot be sent. */
  readonly problems: readonly Problem[]
}

/** Looks at each once, for all hosts, before any host is changed. Throws StageError `interrupted` when the signal fires. */
export async function openFilesOfPlan(plan: Plan, signal: AbortSignal): Promise<FilesOfPlan> {
  const files = new Map<string, SentFile>()
  const problems: Problem[] = []
  for (const [path, title] of sentBy(plan))
    try {
      files.set(path, await sentFile(path, signal))
    } catch (error) {
      if (!(error instanceof StageError && error.code === 'artifact')) throw error
      const message = `${title}: ${path} cannot be sent: ${error.reason}`
      const hint = 'a relative path is one from the directory of the configuration'
      problems.push({ code: 'file', where: plan.stage, message, hint, severity: 'error' })
    }
  return {
    files,
    problems,
    async [Symbol.asyncDispose]() {
      for (const file of files.values()) await file[Symbol.asyncDispose]()
    },
  }
}

/** By path, the title of the first step that sends it. */
function sentBy({ phases }: Plan): ReadonlyMap<string, string> {
  const steps = phases.flatMap(({ hosts }) => [...hosts.values()].flatMap(({ inside }) => inside))
  const sent = steps.flatMap(({ action, title }) =>
    action.kind === 'send-file' ? [[action.file, title] as const] : [],
  )
  return new Map(sent.toReversed())
}
