import { expect, it } from 'vitest';
import { ago, cityOf, duration, fullTime, shortTime } from './format';

it.each([
  [0, '0 s'],
  [0.3, 'under 1 s'],
  [12, '12 s'],
  [60, '1 min'],
  [252, '4 min 12 s'],
  [3600, '1 h'],
  [3605, '1 h'],
  [90_000, '1 day 1 h'],
  [345_600, '4 days'],
])('%d s are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

it('tells times in the zone that is meant', () => {
  expect(fullTime('2026-12-25T14:00:00Z', 'America/New_York')).toBe('Fri, 25 Dec 2026, 09:00');
  expect(shortTime('2026-12-25T14:00:00Z', 'Europe/Berlin', new Date('2026-11-30'))).toBe('25 Dec, 15:00');
  expect(cityOf('America/New_York')).toBe('New York');
});

it('tells the past day relatively, and nothing else', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  expect(ago('2026-11-30T11:59:50Z', now)).toBe('just now');
  expect(ago('2026-11-30T11:55:00Z', now)).toBe('5 minutes ago');
  expect(ago('2026-11-30T02:00:00Z', now)).toBe('10 hours ago');
  expect(ago('2026-11-28T12:00:00Z', now)).toBeNull();
  expect(ago('2026-12-01T12:00:00Z', now)).toBeNull();
});
