import { expect, type Page } from '@playwright/test';

type Act = 'api/kill' | 'api/start' | 'worker/kill' | 'worker/start' | 'worker/freeze' | 'worker/thaw' | 'clock/real';

/** Has the machine's operator do something to a process, and waits until it is done. */
export async function operate(page: Page, act: Act) {
  const answer = await page.request.post(`${process.env.GOLIVE_REMOTE}/${act}`);
  expect(answer.ok(), act).toBe(true);
}

/** Sets the clock by which go-lives are due. */
export async function setClock(page: Page, at: Date) {
  const answer = await page.request.post(`${process.env.GOLIVE_REMOTE}/clock?at=${at.toISOString()}`);
  expect(answer.ok(), `the clock at ${at.toISOString()}`).toBe(true);
}
