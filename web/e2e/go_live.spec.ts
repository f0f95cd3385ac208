import { accessible, expect, openProduct, signIn, test } from './person';
import * as shop from './shop';

test('look, go live, celebrate', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Barista at Home');
  await accessible(page, 'a product');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.getByRole('button', { name: /^(Go live|Update live)$/ }).click();
  const dialog = page.getByRole('dialog', { name: /Barista at Home/ });
  await expect(dialog.getByText('All checks passed')).toBeVisible();
  await dialog.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(dialog).toBeHidden();
  const bridge = page.getByRole('progressbar', { name: 'Progress of Barista at Home' });
  await expect(page.getByText('Barista at Home is live')).toBeVisible();
  await expect(bridge).toHaveAttribute('aria-valuenow', '100');
  await expect(page.locator('canvas')).toHaveCount(1);
  await expect(page.getByRole('link', { name: 'See it in Stripe' })).toBeVisible();

  // Whoever comes back finds it as it is, and no second celebration.
  await page.getByRole('link', { name: 'All details' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Go-live of Barista at Home' })).toBeVisible();
  await page.reload();
  await expect(page.getByText('Barista at Home is live')).toBeVisible();
  await expect(page.locator('canvas')).toHaveCount(0);
  await accessible(page, 'a deployment');
});

test('who wants no motion gets no confetti, and everything else', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Forest Fund');
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('Forest Fund is live')).toBeVisible();
  await expect(page.getByRole('link', { name: 'See it in Stripe' })).toBeVisible();
  // It counts as celebrated, so that it's no surprise later.
  await expect.poll(() => page.evaluate(() => localStorage.getItem('golive-celebrated'))).not.toBeNull();
  await expect(page.locator('canvas')).toHaveCount(0);
});

test('failing checks say what to do, and nothing can be made live', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Tasting Box');
  await page.getByRole('button', { name: 'Go live' }).click();
  const dialog = page.getByRole('dialog', { name: /Tasting Box/ });
  await expect(dialog.getByText('Prices', { exact: false }).first()).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Check again' })).toBeVisible();
  await expect(dialog.getByRole('button', { name: /Make/ })).toHaveCount(0);
  await accessible(page, 'failing checks');
});

test('a viewer sees everything, and reads why they cannot go live', async ({ open }) => {
  const page = await openProduct(open, 'Vik', 'Dockside Espresso, 500 g');
  const button = page.getByRole('button', { name: 'Go live' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toHaveAccessibleDescription(/viewer/);
  await button.click({ force: true });
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the button of an email leads to the go-live, through the sign-in', async ({ open, page }) => {
  const ada = await open('Ada', '/t/demo/settings?section=me');
  const scheduled = await shop.schedule(ada, 'Pine Enterprise', `${new Date().getUTCFullYear() + 1}-05-04T09:00:00`);
  await signIn(page, 'Dan', await shop.mailed(ada, scheduled.id));
  await page.waitForURL(new RegExp(`/t/demo/deployments/${scheduled.id}`), { waitUntil: 'commit' });
  await expect(page.getByRole('heading', { level: 1, name: 'Go-live of Pine Enterprise' })).toBeVisible();
  await shop.cancel(ada, scheduled);
});
