// Adds the page's documents to documents.json: where only known documents run, these are known.
// None is ever taken away or changed, because pages of earlier builds are still open somewhere.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'vite';

const file = new URL('../documents.json', import.meta.url);
const vite = await createServer({ appType: 'custom', server: { middlewareMode: true, ws: false }, logLevel: 'error' });
const { sent } = await vite.ssrLoadModule('/test/known.ts');
await vite.close();

const known = JSON.parse(readFileSync(file, 'utf8'));
for (const document of sent) known[createHash('sha256').update(document).digest('hex')] = document;
const sorted = Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
