// Compiles the sources, joins what was compiled into a few files, and puts beside them what is not TypeScript: the remote end and
// the recipes' host programs. A run that had to find, read and compile some 300 files would spend a third of its time on that.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiled = `${root}.compiled`
/** Below `src`: that is where the tool's own code is told from that of a configuration. */
const CHUNKS = 'src/chunks'

for (const old of ['dist', '.compiled']) rmSync(`${root}${old}`, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`],
  { stdio: 'inherit' },
)

const recipes = readdirSync(`${compiled}/recipes`).filter(name => name.endsWith('.js'))
/** What is loaded by its path: the command, the public API, every recipe, and what the demo starts hosts with. */
const entries = [
  'src/cli/main.js',
  'src/index.js',
  'src/cli/sandbox/sandbox.js',
  ...recipes.map(name => `recipes/${name}`),
]
const bundle = await rolldown({
  cwd: compiled,
  input: Object.fromEntries(entries.map(path => [path.replace(/\.js$/, ''), `./${path}`])),
  platform: 'node',
  // Packages stay what they are; only this one's own code is joined.
  external: name => /^[a-z@]/.test(name) && name !== 'stage-deploy',
  resolve: { alias: { 'stage-deploy': `${compiled}/src/index.js` } },
  plugins: [{ name: 'places', transform: markPlace, renderChunk: sayPlaces }],
  onLog: (level, { message }) => {
    if (level === 'warn') throw new Error(message)
  },
})
await bundle.write({
  dir: `${root}dist`,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: `${CHUNKS}/[name].js`,
})
await bundle.close()
rmSync(compiled, { recursive: true })

for (const place of ['src/remote/end', 'recipes']) {
  cpSync(`${root}${place}`, `${root}dist/${place}`, {
    recursive: true,
    filter: source => !source.endsWith('.ts') && !source.includes('__pycache__'),
  })
}

/** A module that looks for files beside itself has to find them beside the place that it would have by itself. */
function markPlace(code, id) {
  return code.replaceAll('import.meta.url', `__placeOf('${relative(compiled, id)}')`)
}

function sayPlaces(code, { fileName }) {
  return code.replaceAll(
    /__placeOf\(["']([^"']+)["']\)/g,
    (_, place) => `new URL('${relative(dirname(fileName), place)}', import.meta.url).href`,
  )
}
