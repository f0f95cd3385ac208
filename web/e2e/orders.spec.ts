import type { Page } from '@playwright/test';
import { accessible, ask, expect, test } from './person';

const orders = '/t/demo/orders?mode=TEST';

/** Creates an order of two bags of coffee, and arrives at its page. */
async function newOrder(page: Page, customer: string) {
  await page.getByRole('button', { name: 'New order' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New test order' });
  await dialog.getByLabel('Customer').fill(customer);
  await dialog.getByLabel('Add a price').fill('Dockside');
  await page.getByRole('option', { name: /Dockside.*\$18\.50/ }).click();
  await dialog.getByLabel('Quantity of Dockside Espresso, 500 g').fill('2');
  await expect(dialog.getByText('$37.00')).toBeVisible();
  return dialog;
}

const status = (page: Page, word: string) =>
  expect(page.getByRole('status').getByText(word, { exact: true })).toBeVisible();

test('an order is created, paid on Stripe’s page, seen as paid, and refunded in part', async ({ open }) => {
  const page = await open('Ada', orders);
  await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible();
  const dialog = await newOrder(page, 'cus-journey');
  await accessible(page, 'a new order');
  await dialog.getByRole('button', { name: 'Create order' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Order / })).toBeVisible();
  await status(page, 'Not paid yet');
  await accessible(page, 'an order that nobody has paid');

  // A second pair of eyes on the list sees it become paid.
  const list = await open('Dan', orders);
  const row = list.getByRole('listitem').filter({ hasText: 'cus-journey' }).first();
  await expect(row).toContainText('Not paid yet');

  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Open checkout' }).click();
  const checkout = await opened;
  await checkout.getByRole('button', { name: 'Card declined' }).click();
  await expect(checkout.getByRole('alert')).toBeVisible();
  await checkout.getByRole('button', { name: 'Pay', exact: true }).click();
  await expect(checkout.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  await accessible(checkout, 'the page after a checkout');
  await checkout.close();

  await status(page, 'Paid');
  await expect(row).toContainText('Paid');
  await expect(page.getByText('Visa •••• 4242').or(page.getByText('Card •••• 4242'))).toBeVisible();
  await expect(page.getByText(/^pi_/)).toBeVisible();

  await page.getByRole('button', { name: 'Refund…' }).click();
  const refund = page.getByRole('alertdialog', { name: /^Refund order/ });
  await refund.getByLabel('Amount in USD').fill('18.50');
  await expect(refund.getByText(/The customer gets \$18\.50 back to Card •••• 4242/)).toBeVisible();
  await expect(refund.getByText(/Stripe keeps its fee of \$\d/)).toBeVisible();
  await accessible(page, 'a refund');
  // The answer is lost on its way. Whoever asks again is told what came of it.
  await page.route(
    '**/graphql',
    async (route) => {
      await route.fetch();
      await route.abort('internetdisconnected');
    },
    { times: 1 },
  );
  await refund.getByRole('button', { name: 'Refund $18.50' }).click();
  await expect(refund.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Refunds' }).getByText('Refunded')).toBeVisible();
  await refund.getByRole('button', { name: 'Refund $18.50' }).click();
  await expect(refund).toBeHidden();
  const refunds = page.getByRole('region', { name: 'Refunds' });
  await expect(refunds.getByText('Refunded')).toHaveCount(1);
  await accessible(page, 'an order that was refunded in part');

  await page.getByRole('button', { name: 'Mark fulfilled…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Mark fulfilled' }).click();
  await status(page, 'Fulfilled');
  const cancel = page.getByRole('button', { name: 'Cancel order…' });
  await expect(cancel).toHaveAttribute('aria-disabled', 'true');
  await expect(cancel).toHaveAccessibleDescription(/\w/);
});

test('money that is held is captured in part', async ({ open }) => {
  const page = await open('Dan', orders);
  const dialog = await newOrder(page, 'cus-held');
  await dialog.getByLabel(/Hold the money/).check();
  await dialog.getByRole('button', { name: 'Create order' }).click();
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Open checkout' }).click();
  const checkout = await opened;
  await checkout.getByRole('button', { name: 'Pay', exact: true }).click();
  await status(page, 'Money held');
  await page.getByRole('button', { name: 'Capture…' }).click();
  const capture = page.getByRole('alertdialog', { name: /^Capture order/ });
  await capture.getByLabel('Amount in USD').fill('30');
  await capture.getByRole('button', { name: 'Capture $30.00' }).click();
  await expect(capture).toBeHidden();
  await status(page, 'Paid');
  await expect(page.getByText('$30.00').first()).toBeVisible();
});

test('a dispute shows its countdown, and is answered once', async ({ open }) => {
  const page = await open('Ada', orders);
  const dialog = await newOrder(page, 'cus-disputes');
  await dialog.getByRole('button', { name: 'Create order' }).click();
  const opened = page.waitForEvent('popup');
  await page.getByRole('button', { name: 'Open checkout' }).click();
  const checkout = await opened;
  await checkout.getByRole('button', { name: 'Pay', exact: true }).waitFor();
  const simulator = new URL(checkout.url()).origin;
  await checkout.getByRole('button', { name: 'Pay', exact: true }).click();
  await checkout.getByRole('heading', { name: 'Thank you' }).waitFor();
  await checkout.close();
  await status(page, 'Paid');
  const id = await page.getByText(/^pi_/).textContent();
  const disputed = await page.request.post(`${simulator}/_sim/dispute`, { data: { id } });
  expect(disputed.ok()).toBe(true);
  await expect(page.getByRole('region', { name: 'Disputes' }).getByText(/Answer by/)).toBeVisible();
  await accessible(page, 'an order that is disputed');

  await page.getByRole('link', { name: 'Answer', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Dispute of order/ })).toBeVisible();
  await page.getByLabel('Anything else that helps').fill('They drank the coffee.');
  await accessible(page, 'a dispute');
  await page.getByRole('button', { name: 'Keep draft' }).click();
  await expect(page.getByText('Draft kept').first()).toBeVisible();
  await page.getByRole('button', { name: 'Submit…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Submit to the bank' }).click();
  await expect(page.getByRole('main').getByText('Answered').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Submit…' })).toHaveAttribute('aria-disabled', 'true');
});

test('a viewer sees orders, and can do nothing with them', async ({ open }) => {
  const admin = await open('Ada', orders);
  const data = await ask(admin, '{ tenant(slug: "demo") { orders(mode: TEST, first: 1) { nodes { id number } } } }');
  const { id } = (data.tenant as { orders: { nodes: { id: string }[] } }).orders.nodes[0]!;
  const page = await open('Vik', orders);
  await expect(page.getByRole('button', { name: 'New order' }).first()).toHaveAttribute('aria-disabled', 'true');
  await page.goto(`/t/demo/orders/${id}`);
  for (const name of [
    'Open checkout',
    'Copy payment link',
    'Capture…',
    'Mark fulfilled…',
    'Refund…',
    'Cancel order…',
  ]) {
    const button = page.getByRole('button', { name });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(/\w/);
  }
  await page.goto('/t/demo/settings?section=payments');
  for (const name of ['Disable… Test', 'Disable… Live'])
    await expect(page.getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true');
  await page.goto('/t/demo/orders/events?mode=TEST');
  await expect(page.getByRole('button', { name: /^Replay/ }).first()).toHaveAttribute('aria-disabled', 'true');
});

test('payments are disabled and enabled again, each mode by itself', async ({ open }) => {
  const page = await open('Ada', '/t/demo/settings?section=payments');
  await expect(page.getByText('Events arrive.')).toHaveCount(2);
  await accessible(page, 'the settings of payments');
  await page.getByRole('button', { name: 'Disable… Live' }).click();
  const disable = page.getByRole('alertdialog', { name: /Disable live payments/ });
  await disable.getByLabel('Why, for the audit log').fill('A journey');
  await disable.getByRole('button', { name: 'Disable payments' }).click();
  await expect(page.getByRole('main').getByText('Payments are off', { exact: true })).toHaveCount(1);
  await page.goto('/t/demo/orders');
  await expect(page.getByText(/Payments are off in live mode/).first()).toBeVisible();
  await accessible(page, 'orders of a mode that is off');
  await page.getByRole('link', { name: 'Payment settings' }).click();
  await page.getByRole('button', { name: 'Enable… Live' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Enable payments' }).click();
  await expect(page.getByText('Events arrive.')).toHaveCount(2);
});

test('the lists of orders and events are for everybody', async ({ open }) => {
  const page = await open('Ada', orders);
  for (const [what, path, heading] of [
    ['orders', orders, 'Orders'],
    ['a filter without a hit', '/t/demo/orders?show=needs', 'Orders'],
    ['disputes', '/t/demo/orders/disputes?mode=TEST', 'Disputes'],
    ['payouts', '/t/demo/orders/payouts?mode=TEST', 'Payouts'],
    ['reconciliation', '/t/demo/orders/reconciliation?mode=TEST', 'Reconciliation'],
    ['events', '/t/demo/orders/events?mode=TEST', 'Events'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0);
    await accessible(page, what);
  }
});
