// Builds dist/ out of main.jsx and the packages that package-lock.json pins:
//
//   npm ci && npm run build
//
// The result is checked in, so that building Golive needs no Node. Two runs give
// the same bytes.
import { readFileSync, readdirSync, existsSync, writeFileSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import esbuild from 'esbuild'

const result = await esbuild.build({
  entryPoints: { playground: 'main.jsx' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  legalComments: 'none', // LICENSES.txt has them all
  jsx: 'automatic',
  format: 'iife',
  target: 'es2020',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.woff2': 'dataurl', '.woff': 'empty', '.ttf': 'empty', '.svg': 'dataurl' },
  metafile: true,
  logLevel: 'info',
})

// The licence of every package that is in the bundle.
const used = new Set(
  Object.keys(result.metafile.inputs)
    .map((input) => input.match(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//))
    .filter(Boolean)
    .map((match) => match[0]),
)
const licences = [...used].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : ''
  return `${name} ${version} (${license})\n\n${text}\n`
})
writeFileSync('dist/LICENSES.txt', licences.join(`\n${'-'.repeat(72)}\n\n`))
copyFileSync('index.html', 'dist/index.html')
