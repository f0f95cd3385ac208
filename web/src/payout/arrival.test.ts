import { expect, test } from 'vitest';
import { arrivalOf } from './arrival';

test('a payout says when it arrives or arrived, and one that failed says nothing', () => {
  const on = (status: string) => arrivalOf({ status, arrivalDate: '2026-11-30' });
  expect(on('pending')).toBe('arrives 30 Nov 2026');
  expect(on('in_transit')).toBe('arrives 30 Nov 2026');
  expect(on('paid')).toBe('arrived 30 Nov 2026');
  expect(on('failed')).toBeNull();
  expect(on('canceled')).toBeNull();
  expect(arrivalOf({ status: 'paid', arrivalDate: null })).toBeNull();
});
