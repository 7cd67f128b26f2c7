/** What a configuration or a recipe may import from `stage-deploy`. Everything else is internal. */
export { defineConfig } from './config/define-config.ts'
export type {
  WrittenActivation as ActivationConfig,
  WrittenArtifact as ArtifactConfig,
  WrittenConfig as Config,
  WrittenHost as HostConfig,
  WrittenSsh as SshConfig,
  WrittenStage as StageConfig,
} from './config/written-config.ts'
export type { Mend } from './model/check.ts'
export type { HostName, Intent, RevisionName, Slot, StageName, StageSlot } from './model/names.ts'
export type {
  ClaimContext,
  Expectation,
  ExpectContext,
  Fact,
  Facts,
  HostPaths,
  Recipe,
  RecipeContext,
  ReservedPath,
  StageContext,
  StageStepsBySlot,
  StepsBySlot,
} from './model/recipe.ts'
export { StageError, type StageErrorCode } from './model/stage-error.ts'
export type {
  BootProbeStep,
  CallContext,
  CallFunction,
  CallStep,
  EnvValue,
  ExecStep,
  ExpectedAnswer,
  HttpProbeStep,
  LocalStep,
  Secret,
  SendFileStep,
  Share,
  Step,
  UndoStep,
  WriteFileStep,
} from './model/step.ts'
export type { RunEnd, Webhook } from './model/webhook.ts'
export type { AnswerOptions } from './recipe/answer-options.ts'
export { bootProbe } from './recipe/boot-probe.ts'
export type { BootProbeOptions } from './recipe/boot-probe-options.ts'
export { call } from './recipe/call.ts'
export { defineRecipe, type RecipeDefinition } from './recipe/define-recipe.ts'
export { type Duration, milliseconds, minutes, seconds } from './recipe/duration.ts'
export { exec } from './recipe/exec.ts'
export { type FactOptions, fact, pythonFact } from './recipe/fact.ts'
export { httpProbe } from './recipe/http-probe.ts'
export type { HttpProbeOptions } from './recipe/http-probe-options.ts'
export { local } from './recipe/local.ts'
export type { CallOptions } from './recipe/read-call.ts'
export type { WrittenExpectation } from './recipe/read-expectations.ts'
export { script } from './recipe/script.ts'
export { secret } from './recipe/secret.ts'
export { sendFile } from './recipe/send-file.ts'
export type { SendFileOptions } from './recipe/send-file-options.ts'
export { type ShellScript, sh } from './recipe/sh.ts'
export type { ExecOptions, ShareOptions, StepOptions } from './recipe/step-options.ts'
export { webhook } from './recipe/webhook.ts'
export type { WebhookOptions } from './recipe/webhook-options.ts'
export { writeFile } from './recipe/write-file.ts'
export type { WriteFileOptions } from './recipe/write-file-options.ts'
export { hasUserInfo } from './shell/credentials.ts'
export { compareVersions } from './version/compare.ts'
export { isSpecifier, satisfies } from './version/specifier.ts'
