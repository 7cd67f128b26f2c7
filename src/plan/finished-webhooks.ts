import type { PlannedWebhook } from '../model/plan.ts'
import type { Target } from '../model/target.ts'

/** What is sent when a run is over, with who wants it. */
export const finishedWebhooks = ({ recipes }: Target): readonly PlannedWebhook[] =>
  recipes.flatMap(({ name, finished }) => finished.map(webhook => ({ ...webhook, origin: name })))
