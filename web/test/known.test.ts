import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sent } from './known';

const manifest = JSON.parse(readFileSync(new URL('../documents.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

test('whatever the page asks is in documents.json: else run `make page`', () => {
  expect(sent.length).toBeGreaterThan(40);
  for (const document of sent) {
    expect(manifest[createHash('sha256').update(document).digest('hex')]).toBe(document);
  }
});
