import { expect, it } from 'vitest';
import { change } from '../../test/factories/plan';
import { amounts, linesOf, newIn, valued } from './lines';

const create = change({
  action: 'CREATE',
  testId: 'price_new',
  replacesLiveId: 'price_old',
  amountBefore: { amount: '10', currency: 'eur' },
  amountAfter: { amount: '12', currency: 'eur' },
});
const archive = change({ action: 'ARCHIVE', liveId: 'price_old' });
const other = change({ action: 'ARCHIVE', liveId: 'price_other' });

it('tells a repricing in one line', () => {
  const lines = linesOf([create, archive, other]);
  expect(lines.map((line) => [line.change, line.replaces])).toEqual([
    [create, archive],
    [other, undefined],
  ]);
  expect(amounts(lines[0]!)).toEqual({ before: '€10.00', after: '€12.00' });
});

it('marks what an earlier plan did not have', () => {
  const before = linesOf([create, archive]);
  const lines = linesOf([create, archive, other]);
  expect([...newIn(lines, before)]).toEqual([lines[1]!.key]);
});

it.each([
  [null, 'nothing'],
  ['', 'nothing'],
  [true, 'Yes'],
  [['a', 'b'], 'a, b'],
  [{ roast: 'dark' }, 'roast: dark'],
  [[], 'nothing'],
])('reads %j', (value, text) => expect(valued(value)).toBe(text));
