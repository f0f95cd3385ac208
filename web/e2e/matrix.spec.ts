import type { Page } from '@playwright/test';
import { accessibleEverywhere as everywhere } from './accessible';
import { expect, signIn, test } from './person';
import * as shapes from './shapes';
import * as shop from './shop';

const me = '/t/demo/settings?section=me';
const nextYear = new Date().getUTCFullYear() + 1;

/** Opens a view, and has it looked at once all of it is there. */
async function view(page: Page, path: string, heading: RegExp | string) {
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0);
  await everywhere(page, path);
}

type Opened = { opener: string | RegExp; shows: string | RegExp; shape: string };

/**
 * Opens a dialog by its button, has it looked at once it shows a button of that name, and
 * leaves it by Escape, which gives the focus back.
 */
async function dialog(page: Page, { opener, shows, shape }: Opened) {
  const button = page.getByRole('button', { name: opener }).first();
  await button.click();
  const open = page.getByRole('dialog').or(page.getByRole('alertdialog'));
  await expect(open.getByRole('button', { name: shows })).toBeVisible();
  await everywhere(page, `the dialog of ${opener}`);
  await expect.soft(open).toMatchAriaSnapshot(shape, { timeout: 10_000 });
  await page.keyboard.press('Escape');
  await expect(open).toHaveCount(0);
  await expect(button).toBeFocused();
}

/** Opens a menu; what it covers until it closes again is not looked at. */
async function menu(page: Page, name: string | RegExp) {
  const button = page.getByRole('button', { name });
  await button.click();
  await everywhere(page, `the menu of ${name}`, `#${await button.getAttribute('aria-controls')}`);
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
}

const sections = ['', '?section=payments', '?section=people', '?section=tokens', '?section=me', '?section=audit'];

test('every view of products, deployments and settings, in every look', async ({ open }) => {
  const page = await open('Ada', me);
  const { id } = await shop.productOf(page, 'Pine Storage');
  const scheduled = await shop.schedule(page, 'Pine Team', `${nextYear}-05-04T09:00:00`);
  const live = await shop.goLive(page, 'Pine Storage');
  await shop.ended(page, live);
  for (const [path, heading] of [
    ['/t/demo', /Hello, Ada/],
    ['/t/demo/products', 'Products'],
    ['/t/demo/products?q=nothing-of-ours', 'Products'],
    [`/t/demo/products/${id}`, 'Pine Storage'],
    ['/t/demo/scheduled', 'Scheduled'],
    ['/t/demo/scheduled?view=calendar', 'Scheduled'],
    ['/t/demo/deployments', 'History'],
    ['/t/demo/deployments?show=failed&q=nothing-of-ours', 'History'],
    [`/t/demo/deployments/${live}`, /Pine Storage/],
    [`/t/demo/deployments/${scheduled.id}`, /Pine Team/],
    ...sections.map((section) => [`/t/demo/settings${section}`, 'Settings'] as const),
    ['/t/demo/nothing/here', /nothing here/],
  ] as const)
    await view(page, path, heading);
  await shop.cancel(page, scheduled);
});

test('every view of orders and money, in every look', async ({ open }) => {
  const page = await open('Ada', me);
  const { paid, dispute, payout } = await shop.sold(page);
  for (const [path, heading] of [
    ['orders', 'Orders'],
    ['orders?mode=TEST', 'Orders'],
    ['orders?mode=TEST&q=nothing-of-ours', 'Orders'],
    [`orders/${paid.id}`, /^Order /],
    ['orders/disputes?mode=TEST', 'Disputes'],
    [`orders/disputes/${dispute}`, /^Dispute of order/],
    ['orders/payouts?mode=TEST', 'Payouts'],
    [`orders/payouts/${payout}`, /^Payout of/],
    ['orders/reconciliation?mode=TEST', 'Reconciliation'],
    ['orders/events?mode=TEST', 'Events'],
  ] as const)
    await view(page, `/t/demo/${path}`, heading);
});

test('what stands before the page and beside it, in every look', async ({ open, page: stranger }) => {
  await stranger.goto('/t/demo');
  await expect(stranger.getByRole('heading', { level: 1 })).toBeVisible();
  await everywhere(stranger, 'the question who one is');
  await signIn(stranger, 'Vik');
  await stranger.goto('/login/callback?state=made-up&code=made-up');
  await expect(stranger.getByRole('heading', { level: 1, name: /not signed in/ })).toBeVisible();
  await everywhere(stranger, 'a sign-in that failed');
  const dan = await open('Dan', '/t/quay');
  await expect(dan.getByRole('heading', { name: 'Three steps to your first go-live' })).toBeVisible();
  await everywhere(dan, 'a first visit');
  await menu(dan, 'Switch business');
  await menu(dan, /^Account of/);
  await dan.keyboard.press('Control+k');
  await dan.keyboard.type('set');
  await expect(dan.getByRole('option', { name: /^Settings/ }).first()).toBeVisible();
  await everywhere(dan, 'the palette');
});

test('every dialog of a go-live, in every look', async ({ open }) => {
  const page = await open('Ada', me);
  const scheduled = await shop.schedule(page, 'Pine Team', `${nextYear}-05-04T09:00:00`);
  const { id } = await shop.productOf(page, 'Pine Enterprise');
  await page.goto(`/t/demo/products/${id}`);
  await dialog(page, { opener: /^(Go live|Update live)$/, shows: /^Make \d+ changes? live$/, shape: shapes.review });
  await dialog(page, { opener: 'Schedule…', shows: 'Schedule', shape: shapes.schedule });
  await page.goto('/t/demo/scheduled');
  await dialog(page, { opener: 'Go live now: Pine Team', shows: 'Go live now', shape: shapes.now });
  await dialog(page, { opener: 'Move… Pine Team', shows: /^Move/, shape: shapes.move });
  await dialog(page, { opener: 'Cancel go-live: Pine Team', shows: 'Cancel go-live', shape: shapes.cancel });
  await shop.cancel(page, scheduled);

  const call = await shop.hold(page, { method: 'POST', path: '^/v1/prices$' });
  const running = await shop.goLive(page, 'Pine Enterprise');
  await call.arrived();
  await page.goto(`/t/demo/deployments/${running}`);
  await expect(page.getByRole('progressbar')).toBeVisible();
  await everywhere(page, 'a deployment that runs');
  await dialog(page, { opener: 'Stop and undo', shows: 'Stop and undo', shape: shapes.stop });
  await call.release();
  await expect(page.getByText('Pine Enterprise is live')).toBeVisible();
  await dialog(page, { opener: 'Roll back…', shows: /^Roll back \d/, shape: shapes.rollBack });
});

test('every dialog of orders and settings, in every look', async ({ open }) => {
  const page = await open('Ada', me);
  const { paid, held, dispute } = await shop.sold(page);
  await page.goto('/t/demo/orders?mode=TEST');
  await dialog(page, { opener: 'New order', shows: 'Create order', shape: shapes.newOrder });
  await page.goto(`/t/demo/orders/${paid.id}`);
  await dialog(page, { opener: 'Refund…', shows: /^Refund \$/, shape: shapes.refund });
  await dialog(page, { opener: 'Mark fulfilled…', shows: 'Mark fulfilled', shape: shapes.fulfil });
  await page.goto(`/t/demo/orders/${held.id}`);
  await dialog(page, { opener: 'Capture…', shows: /^Capture \$/, shape: shapes.capture });
  await dialog(page, { opener: 'Cancel order…', shows: 'Cancel order', shape: shapes.cancelOrder });
  await page.goto(`/t/demo/orders/disputes/${dispute}`);
  await page.getByLabel('Anything else that helps').fill('They drank the coffee.');
  await dialog(page, { opener: 'Submit…', shows: 'Submit to the bank', shape: shapes.submit });

  await page.goto('/t/demo/settings');
  await dialog(page, { opener: 'Replace key…', shows: 'Check key', shape: shapes.connect });
  await page.goto('/t/demo/settings?section=payments');
  await dialog(page, { opener: 'Change… Test', shows: 'Save', shape: shapes.origins });
  await dialog(page, { opener: 'Disable… Live', shows: 'Disable payments', shape: shapes.disable });
  await page.goto('/t/demo/settings?section=people');
  await page.getByLabel('Email address').fill('eve@golive.localhost');
  await page.getByRole('button', { name: 'Invite' }).click();
  await expect(page.getByText(/invited by/)).toBeVisible();
  await everywhere(page, 'an invitation');
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await dialog(page, { opener: 'Remove vik@golive.localhost', shows: 'Remove', shape: shapes.remove });
  await page.goto('/t/demo/settings?section=tokens');
  await page.getByLabel('Name').fill('Nightly');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByText('Copy it now.')).toBeVisible();
  await everywhere(page, 'a token, shown once');
  await page.getByRole('button', { name: 'I have it' }).click();
  await dialog(page, { opener: 'Revoke Nightly', shows: 'Revoke', shape: shapes.revoke });
});

test('an import that runs, in every look', async ({ open }) => {
  const page = await open('Ada', '/t/demo/products');
  const call = await shop.hold(page, { method: 'GET', path: '^/v1/prices$', mode: 'test' });
  await page.getByRole('button', { name: 'Import from Stripe' }).click();
  await call.arrived();
  await expect(page.getByText(/^Importing/)).toBeVisible();
  await everywhere(page, 'an import');
  await call.release();
  await expect(page.getByText(/^Last import/)).toBeVisible();
});
