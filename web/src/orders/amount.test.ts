import { expect, test } from 'vitest';
import { isZero, minus, sumOf, typedAmount } from './amount';

const usd = (amount: string) => ({ amount, currency: 'usd' });

test('sums are exact, however many digits a currency has', () => {
  expect(
    sumOf(
      [
        { of: usd('0.10'), times: 3 },
        { of: usd('19.99'), times: 10_000 },
      ],
      'usd',
    ),
  ).toEqual(usd('199900.30'));
  expect(sumOf([{ of: { amount: '4500', currency: 'jpy' }, times: 2 }], 'jpy').amount).toBe('9000');
  expect(sumOf([], 'usd').amount).toBe('0');
});

test('what is left after refunds', () => {
  expect(minus(usd('18.50'), usd('5.00'), usd('0.55')).amount).toBe('12.95');
  expect(minus(usd('5.00'), usd('5.01')).amount).toBe('-0.01');
  expect(isZero(minus(usd('5.00'), usd('5.00')))).toBe(true);
});

test('an amount is typed in plain digits', () => {
  expect(typedAmount(' 10.50 ', 'usd')).toEqual(usd('10.50'));
  for (const text of ['', '0', '0.00', '-1', '1e3', '1,000', '1.2345', 'ten'])
    expect(typedAmount(text, 'usd')).toBeNull();
});
