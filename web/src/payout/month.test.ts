import { expect, test } from 'vitest';
import { monthOf, shifted, spanOf, wordsOf } from './month';

test('months of the books, over the turn of the year', () => {
  expect(monthOf('2026-11-30T23:59:59Z')).toBe('2026-11');
  expect(shifted('2026-12', 1)).toBe('2027-01');
  expect(shifted('2026-01', -1)).toBe('2025-12');
  expect(spanOf('2026-12')).toEqual({ from: '2026-12-01T00:00:00Z', to: '2027-01-01T00:00:00Z' });
  expect(wordsOf('2026-02')).toBe('February 2026');
});
