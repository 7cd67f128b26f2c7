/** `npm run e2e:full`: every test. Otherwise those of which another one shows most are left out, so that all of them take minutes. */
export const FULL = process.env['STAGE_DEPLOY_E2E'] === 'full'
