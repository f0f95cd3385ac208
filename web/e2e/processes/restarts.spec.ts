import type { Page } from '@playwright/test';
import { expect, openProduct, test } from '../person';
import { operate } from '../remote';
import * as shop from '../shop';

const mark = 'not-reloaded';

/** Starts a go-live whose first price is on its way to Stripe for as long as the journey likes. */
async function halfway(page: Page) {
  const call = await shop.hold(page, { method: 'POST', path: '^/v1/prices$', nth: 1 });
  await page.evaluate((mark) => document.body.setAttribute('data-mark', mark), mark);
  await page.getByRole('button', { name: /^(Go live|Update live)$/ }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await call.arrived();
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]\d?$/);
  return call;
}

/** It is live, and the page is the one that was opened. */
async function arrives(page: Page, name: string) {
  await expect(page.getByText(`${name} is live`)).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100');
  await expect(page.locator('body')).toHaveAttribute('data-mark', mark);
}

test('the API dies and comes back in the middle of a go-live, and nobody reloads', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Pine Pro');
  const call = await halfway(page);
  await operate(page, 'api/kill');
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await call.release();
  await operate(page, 'api/start');
  await arrives(page, 'Pine Pro');
  await expect(page.getByText('Reconnecting…')).toBeHidden();
});

test('the worker dies in the middle of a go-live, and another one ends it', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Pine Team');
  const call = await halfway(page);
  await operate(page, 'worker/kill');
  await call.release();
  await operate(page, 'worker/start');
  await arrives(page, 'Pine Team');
});

test('while no worker moves, the page says so; what was asked for goes on once one does', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Pine Free');
  await operate(page, 'worker/freeze');
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('It’s taking longer than usual to start.')).toBeVisible();
  await operate(page, 'worker/thaw');
  await expect(page.getByText('Pine Free is live')).toBeVisible();
});

test('half a minute without a network, in the middle of a go-live', async ({ open }) => {
  const page = await open('Ada');
  // What is open ends as well, as in a tunnel: Chromium lets sockets live that it has.
  const cuts: (() => void)[] = [];
  let tunnel = false;
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    if (tunnel) return void socket.close({ code: 1001 });
    cuts.push(() => socket.close({ code: 1001 }));
    socket.connectToServer();
  });
  await page.goto('/t/demo/products?q=Pine+Enterprise');
  await page.getByRole('link', { name: 'Pine Enterprise', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Pine Enterprise' })).toBeVisible();
  const call = await halfway(page);
  tunnel = true;
  await page.context().setOffline(true);
  for (const cut of cuts) cut();
  await expect(page.getByText(/You’re offline\. Shown as of \d\d:\d\d/)).toBeVisible();
  await call.release();
  await page.waitForTimeout(30_000);
  await expect(page.getByText('Pine Enterprise is live')).toHaveCount(0);
  tunnel = false;
  await page.context().setOffline(false);
  await arrives(page, 'Pine Enterprise');
  await expect(page.getByText(/You’re offline/)).toBeHidden();
});
