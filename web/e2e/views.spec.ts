import { accessible, expect, test } from './person';

const views = {
  'the list of products': ['/t/demo/products', /Products/],
  'a search without a hit': ['/t/demo/products?q=nothing-of-ours', /Products/],
  history: ['/t/demo/deployments', /History/],
  home: ['/t/demo', /Hello, Ada/],
  'Stripe’s connections': ['/t/demo/settings', /Settings/],
  people: ['/t/demo/settings?section=people', /Settings/],
  tokens: ['/t/demo/settings?section=tokens', /Settings/],
  oneself: ['/t/demo/settings?section=me', /Settings/],
  'the audit log': ['/t/demo/settings?section=audit', /Settings/],
  'an address of nothing': ['/t/demo/deployments/01a2b3c4-0000-7000-8000-000000000000', /nothing here/],
} as const;

test('every view is for everybody', async ({ open }) => {
  const page = await open('Ada', '/t/demo');
  for (const [what, [path, heading]] of Object.entries(views)) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0);
    await accessible(page, what);
  }
});

test('a first visit leads from nothing to the first key', async ({ open }) => {
  const page = await open('Dan', '/t/quay');
  await expect(page.getByRole('heading', { name: 'Three steps to your first go-live' })).toBeVisible();
  await accessible(page, 'a first visit');
  await page.getByRole('link', { name: 'Connect Stripe' }).first().click();
  await page.getByRole('button', { name: 'Connect…' }).first().click();
  const dialog = page.getByRole('dialog', { name: /Connect Stripe/ });
  await dialog.getByLabel(/key/i).fill('sk_test_harbourandpine');
  await dialog.getByRole('button', { name: 'Check key' }).click();
  await expect(dialog.getByText('Harbour & Pine')).toBeVisible();
  await accessible(page, 'connecting Stripe');
  await dialog.getByRole('button', { name: 'Connect this account' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Only test is connected.')).toBeVisible();

  // Somebody of two businesses goes from one to the other.
  await page.getByRole('button', { name: 'Switch business' }).click();
  await page.getByRole('link', { name: /Harbour & Pine/ }).click();
  await expect(page.getByText('Test and live of')).toBeVisible();
});

test('one chooses one’s emails, and lets a calendar read along', async ({ open }) => {
  const page = await open('Dan', '/t/demo/settings?section=me');
  const live = page.getByRole('checkbox', { name: 'A product is live' });
  await expect(live).toBeVisible();
  const before = await live.isChecked();
  await live.click();
  await expect(live).toBeChecked({ checked: !before });
  await page.reload();
  await expect(live).toBeChecked({ checked: !before });
  await page.getByRole('button', { name: 'As usual here' }).click();
  await expect(live).toBeChecked({ checked: before });

  await page.getByRole('button', { name: 'Create address' }).click();
  await expect(page.getByText(/\/calendar\//)).toBeVisible();
  await accessible(page, 'a new calendar address');
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: /^Revoke / }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('No calendar reads along.')).toBeVisible();
});
