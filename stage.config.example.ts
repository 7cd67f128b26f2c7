// A commented configuration. Copy it to stage.config.ts beside your pyproject.toml and change the names.
// Every key is described in docs/configuration.md; `deploy STAGE --dry-run` shows what it comes to.
import { defineConfig, exec, local, minutes, script, secret, sh } from 'stage-deploy'
import { http } from 'stage-deploy/recipes/http'
import { python } from 'stage-deploy/recipes/python'

const service = 'shop'

export default defineConfig({
  // The name of the Python project, as its sdist says it.
  project: 'shop',

  // On every host: one directory for each revision, one link for each stage. A host may have another one.
  root: '/var/webcode',

  // What is shipped. Of several the highest version wins; with --build the one that the command has just written.
  artifact: { sdist: 'dist/*.tar.gz', build: ['python3', '-m', 'build', '--sdist'] },

  // The scheme of its versions is never guessed; the sdist has to be the version that the source says.
  versions: 'pep440',
  version: { file: 'src/shop/__init__.py', pattern: /^__version__ = '(.+)'$/m },

  // Short names for SSH destinations: [user@]address[:port], or an object. ~/.ssh/config applies to both.
  hosts: {
    web1: 'deploy@web1.example.com',
    web2: { address: 'web2.example.com', user: 'deploy', port: 2222, labels: ['web', 'migrates'] },
    web3: { address: 'web3.example.com', user: 'deploy', jump: 'deploy@gate.example.com', labels: ['web'] },
  },

  // A host whose key was never seen is refused. 'accept-new' would record it; nothing turns the check off.
  ssh: { hostKeys: 'strict', connectTimeout: '10s' },

  // A stage is a link of its name on each of its hosts. They all switch, or none does.
  stages: {
    staging: { hosts: ['web1'] },
    production: {
      hosts: { label: 'web' },
      // No nightlies and no candidates, and only what staging has had: docs/versions.md.
      accepts: ['final', 'post'],
      after: 'staging',
      keepRevisions: 5,
      // For this stage only, from the switch on: until then a revision knows no stage and can be promoted.
      env: { DJANGO_SETTINGS_MODULE: 'shop.settings.production' },
      hooks: { 'before:switch': [local(['./scripts/announce', 'a deploy begins'], { undo: false })] },
    },
  },

  // python builds an environment for every revision; http asks after the switch whether the application answers.
  recipes: [python({ requires: '>=3.9' }), http({ url: 'http://127.0.0.1:8000/health' })],

  // A revision that fails one of these is rejected and can never be switched to.
  verify: [exec(['.env/bin/python', '-m', 'unittest'], { timeout: minutes(5) })],

  // Steps of every stage, by slot. They run in the revision; DEPLOY_* tells them where they are.
  hooks: {
    'before:switch': [
      exec(['.env/bin/python', 'manage.py', 'migrate'], {
        title: 'Migrate the database',
        once: 'migrates',
        env: { DATABASE_URL: secret('DATABASE_URL') },
      }),
    ],
    activate: [exec(['systemctl', '--user', 'reload-or-restart', service])],
    // A value in sh`…` is an argument of the script and never a part of its text.
    failed: [script(sh`journalctl --user --unit ${service} --lines 50 --no-pager`)],
  },
})
