import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLEnumType } from 'graphql';
import { expect, it } from 'vitest';
import { liveStatusOf, type Row, statusOf } from './status';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const values = (name: string) => (schema.getType(name) as GraphQLEnumType).getValues().map((value) => value.name);

function* rows(): Generator<[Row, boolean]> {
  for (const kind of values('DeploymentKind'))
    for (const status of values('DeploymentStatus'))
      for (const waitReason of [null, ...values('WaitReason'), 'SOMETHING_NEW'])
        for (const turningBack of [false, true])
          for (const cancelRequestedAt of [null, '2026-11-30T10:00:00Z'])
            for (const liveOutcome of [null, ...values('LiveOutcome')])
              for (const paused of [false, true])
                yield [{ kind, status, waitReason, turningBack, cancelRequestedAt, liveOutcome }, paused];
}

/** What is wrong with the word for a row, null for nothing. */
function wrong(row: Row, paused: boolean): string | null {
  const { word, tone, shape } = statusOf(row, paused);
  const over = row.status === 'FAILED' || row.status === 'CANCELLED';
  if (!/^[A-Z].{2,}/.test(word)) return 'no word';
  if (row.status === 'FAILED' && tone !== 'critical') return 'a failure that looks harmless';
  if (over && row.liveOutcome === 'PARTIAL' && shape !== 'triangle') return 'something left in live that nobody sees';
  if (word === 'Live' && (row.kind !== 'GO_LIVE' || row.status !== 'COMPLETED')) return 'live that is none';
  if (row.status === 'SCHEDULED' && row.waitReason === 'MISSED' && shape !== 'diamond')
    return 'a missed one that nobody sees';
  return null;
}

it('has a word for every combination, and never contradicts it', () => {
  const all = [...rows()];
  const bad = all
    .filter(([row, paused]) => wrong(row, paused))
    .map(([row, paused]) => [wrong(row, paused), row, paused]);
  expect(bad).toEqual([]);
  expect(all.length).toBe(2 * 8 * 11 * 2 * 2 * 4 * 2);
});

it('tells every state of live apart', () => {
  const words = values('LiveStatus').map((liveStatus) => liveStatusOf({ liveStatus }).word);
  expect(new Set(words).size).toBe(words.length);
});

it('takes what it does not know', () => {
  expect(statusOf({ kind: 'GO_LIVE', status: 'TELEPORTING' }).word).toBe('In progress');
  expect(liveStatusOf({ liveStatus: 'FLOATING' }).word).toBe('Unknown');
});
