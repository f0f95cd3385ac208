import { expect, it } from 'vitest';
import { dayKey, shifted, weeksOf } from './days';

it('puts an instant on the day that it is there', () => {
  expect(dayKey('2026-12-25T23:30:00Z', 'Europe/Berlin')).toBe('2026-12-26');
  expect(dayKey('2026-12-25T03:30:00Z', 'America/New_York')).toBe('2026-12-24');
});

it('goes from month to month over a year', () => {
  expect(shifted('2026-12', 1)).toBe('2027-01');
  expect(shifted('2026-01', -1)).toBe('2025-12');
});

it.each([
  ['2026-11', '2026-10-26', 6],
  ['2027-02', '2027-02-01', 4],
  ['2026-12', '2026-11-30', 5],
])('has the weeks of %s from Monday', (month, first, n) => {
  const weeks = weeksOf(month);
  expect(weeks[0]?.[0]).toBe(first);
  expect(weeks.length).toBe(n);
});
