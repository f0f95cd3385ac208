// Writes what dist was built from, which a Go test recomputes: without Node it still says
// when somebody has forgotten to build. Both hash the same files in the same order.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const sources = ['index.html', 'package-lock.json', 'package.json', 'public', 'src', 'tsconfig.json', 'vite.config.ts'];

function* files(path) {
  if (!statSync(new URL(path, root)).isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(new URL(`${path}/`, root))) yield* files(`${path}/${name}`);
}

const all = sources.flatMap((path) => [...files(path)]).filter((path) => !/\.test\.tsx?$/.test(path));
const sum = createHash('sha256');
for (const path of all.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
  sum.update(`${path}\0`);
  sum.update(readFileSync(new URL(path, root)));
  sum.update('\0');
}
writeFileSync(new URL('dist/BUILT_FROM', root), `${sum.digest('hex')}\n`);
