import { expect, test } from 'vitest';
import { oneAtATime } from './again';

/** A server that answers when it's told to. */
function server() {
  const answers: (() => void)[] = [];
  return { answers, ask: () => new Promise<void>((answer) => answers.push(answer)) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('asks once for each time that nothing is on its way', async () => {
  const { answers, ask } = server();
  const again = oneAtATime(ask);
  again();
  answers[0]!();
  await settled();
  again();
  expect(answers).toHaveLength(2);
});

test('asks once more for all that was wanted while an answer was on its way', async () => {
  const { answers, ask } = server();
  const again = oneAtATime(ask);
  again();
  again();
  again();
  expect(answers).toHaveLength(1);
  answers[0]!();
  await settled();
  expect(answers).toHaveLength(2);
  answers[1]!();
  await settled();
  expect(answers).toHaveLength(2);
});

test('asks once more where an answer was on its way that somebody else had asked for', async () => {
  const { answers, ask } = server();
  const again = oneAtATime(ask);
  again(true);
  answers[0]!();
  await settled();
  expect(answers).toHaveLength(2);
});

test('an answer that failed keeps nobody from asking', async () => {
  let asked = 0;
  const again = oneAtATime(() => (asked++ ? Promise.resolve() : Promise.reject(new Error('offline'))));
  again();
  await settled().catch(() => {});
  again();
  expect(asked).toBe(2);
});
