import {
  defineRecipe,
  type Recipe,
  type Secret,
  StageError,
  type WebhookOptions,
  webhook,
} from 'stage-deploy'

/** Where to, on what, and what it says. */
export interface NotifyOptions extends WebhookOptions {
  /** Of an incoming webhook; never shown. Whoever knows it can write there, so it is best a `secret('NAME')`. */
  readonly url: string | Secret
}

/**
 * Posts a message when a run is over, as `{"text": …}`: Slack and those who do as it does understand that. It is sent from
 * the runner, beside the end of the run, and neither delays it by more than `timeout` nor fails it.
 *
 * @throws StageError `config` with everything that is wrong with the options
 */
export function notify(options: NotifyOptions): Recipe {
  if (typeof options !== 'object' || options === null)
    throw new StageError('config', "notify: expected an object with options: { url: secret('SLACK_URL') }")
  const { url, ...when } = options
  return defineRecipe({ name: 'notify', finished: [webhook(url, when)] })
}
