import { expect, it } from 'vitest';
import { money } from './Money';

it.each([
  ['12', 'eur', '€12.00'],
  ['0.0125', 'chf', 'CHF 0.0125'],
  ['1000', 'jpy', '¥1,000'],
  ['12345678901234567.89', 'usd', '$12,345,678,901,234,567.89'],
  ['1.500', 'bhd', 'BHD 1.500'],
  ['0', 'usd', '$0.00'],
])('%s %s is %s', (amount, currency, text) => {
  expect(money({ amount, currency }).replace(/\u00a0/g, ' ')).toBe(text);
});
