import { accessibleEverywhere as everywhere } from '../accessible';
import { expect, openProduct, test } from '../person';
import * as shop from '../shop';

const price = { method: 'POST', path: '^/v1/prices$', nth: 2 };

test('two people look on as one of them stops it, and everything is undone', async ({ open }) => {
  const ada = await openProduct(open, 'Ada', 'Pine API calls');
  const call = await shop.hold(ada, price);
  await ada.getByRole('button', { name: 'Go live' }).click();
  await ada.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await call.arrived();
  const dan = await openProduct(open, 'Dan', 'Pine API calls');
  const progress = dan.getByRole('progressbar', { name: 'Progress of Pine API calls' });
  await expect(progress).toHaveAttribute('aria-valuenow', /^[1-9]\d?$/);

  await ada.getByRole('button', { name: 'Stop and undo' }).click();
  const dialog = ada.getByRole('alertdialog', { name: 'Stop the go-live of Pine API calls?' });
  await dialog.getByRole('button', { name: 'Stop and undo' }).click();
  await expect(dialog).toBeHidden();
  await call.release();
  for (const page of [ada, dan]) {
    await expect(page.getByText('The go-live of Pine API calls was stopped')).toBeVisible();
    await expect(page.getByText(/Live is as it was before/)).toBeVisible();
  }
  const left = await shop.liveProducts(ada);
  expect(left.filter(({ name, active }) => name === 'Pine API calls' && active)).toEqual([]);
});

test('Stripe refuses in the middle: what was written is undone, and the next try goes live', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Label printing credits');
  const call = await shop.hold(page, { ...price, nth: 1 });
  await shop.fault(page, { kind: '400', match: price });
  // What was asked while it ran is answered after its end, and knows nothing of that.
  let id = '';
  let answer = () => {};
  const answered = new Promise<void>((done) => (answer = done));
  await page.route('**/graphql', async (route) => {
    const { query, variables } = route.request().postDataJSON() as { query: string; variables: { id: string } };
    if (!query.startsWith('query Deployment(') || id) return route.fallback();
    id = variables.id;
    const response = await route.fetch();
    await answered;
    return route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await call.arrived();
  await expect.poll(() => id).not.toBe('');
  await call.release();
  await shop.ended(page, id, 'FAILED');
  answer();
  await expect(page.getByText('Label printing credits didn’t go live')).toBeVisible();
  await expect(page.getByText('Live is as it was before: everything that was written was undone.')).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('Label printing credits is live')).toBeVisible();
});

test('somebody else changes live: the review says what it overwrites', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Harbour Coffee Club');
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('Harbour Coffee Club is live')).toBeVisible();
  const [live] = (await shop.liveProducts(page)).filter(({ name }) => name === 'Harbour Coffee Club');
  await shop.changeLive(page, `products/${live!.id}`, { name: 'Club of the harbour' });

  await page.reload();
  await page.getByRole('button', { name: 'Update live' }).click();
  const dialog = page.getByRole('dialog', { name: /Harbour Coffee Club/ });
  await expect(dialog.getByText(/This overwrites 1 field/)).toBeVisible();
  await expect(dialog.getByText('Club of the harbour')).toBeVisible();
  await dialog.getByRole('button', { name: 'Make 1 change live' }).click();
  await expect(page.getByText('Harbour Coffee Club is live')).toBeVisible();
  expect((await shop.liveProducts(page)).find(({ id }) => id === live!.id)!.name).toBe('Harbour Coffee Club');
});

test('what was built by hand in live is taken over, not made twice', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Barista at Home');
  await shop.changeLive(page, 'products', { id: 'prod_BaristaCourse', name: 'Barista at Home' });
  await page.getByRole('button', { name: 'Go live' }).click();
  const dialog = page.getByRole('dialog', { name: /Barista at Home/ });
  await dialog.getByRole('checkbox', { name: /^Take over/ }).check();
  await dialog.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('Barista at Home is live')).toBeVisible();
  const named = (await shop.liveProducts(page)).filter(({ name }) => name === 'Barista at Home');
  expect(named.map(({ id }) => id)).toEqual(['prod_BaristaCourse']);
});

test('who is a member of nothing reads whom to ask', async ({ page }) => {
  await page.goto('/t/demo');
  await page.getByRole('link', { name: /Eve/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: /not a member yet/ })).toBeVisible();
  await everywhere(page, 'a person without a business');
});
