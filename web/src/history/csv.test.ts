import { expect, it } from 'vitest';
import { past } from '../../test/factories/lists';
import { toCsv } from './csv';

it('keeps commas, quotes and formulas what they are', () => {
  const text = toCsv([past({ product: { id: 'p', name: 'Espresso, "dark"' }, reason: '=cmd()' })]);
  const lines = text.split('\r\n');
  expect(lines.length).toBe(3);
  expect(lines[1]).toContain(',"Espresso, ""dark""",');
  expect(lines[1]).toContain(",'=cmd(),");
});
