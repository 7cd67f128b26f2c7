import { defineConfig, exec, script, sh } from 'stage-deploy'
import { python } from 'stage-deploy/recipes/python'
import hosts from './hosts.json' with { type: 'json' }

// There is no package index to ask here: setuptools comes from the hosts' own Debian packages.
const offline = ['--no-index', '--find-links', '/usr/share/python-wheels']

export default defineConfig({
  project: 'shop',
  artifact: { sdist: 'dist/*.tar.gz', build: ['python3', 'make_sdist.py'] },
  ...hosts,
  stages: {
    staging: { hosts: ['web1'] },
    production: { hosts: ['web1', 'web2', 'web3'] },
  },
  recipes: [python({ requires: '>=3.8', pipArgs: offline })],
  verify: [
    exec(['.env/bin/python', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'], { timeout: '1m' }),
  ],
  hooks: { activate: [script(sh`echo "$DEPLOY_STAGE on $DEPLOY_HOST now serves $DEPLOY_VERSION"`)] },
})
