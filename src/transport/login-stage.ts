/** How far a login at a server has come. */
export type LoginStage = 'connecting' | 'greeting' | 'key exchange' | 'login'

/** What a server has not done yet that stays in this stage, as the end of a sentence about it. */
export function notDone(stage: LoginStage): string {
  switch (stage) {
    case 'connecting':
      return 'did not answer'
    case 'greeting':
      return 'took the connection, but its SSH server did not say a word'
    case 'key exchange':
      return 'did not finish the key exchange'
    case 'login':
      return 'did not finish the login'
  }
}
