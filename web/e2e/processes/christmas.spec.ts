import { expect, openProduct, test } from '../person';
import { operate, setClock } from '../remote';
import * as shop from '../shop';

test('scheduled in November for Christmas morning in New York, and live on the second', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Pine Storage');
  const year = new Date().getUTCFullYear() + 1;
  // 9 in the morning in New York, where it is winter.
  const christmas = Date.UTC(year, 11, 25, 14);
  await page.getByRole('button', { name: 'Schedule…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Schedule / });
  await dialog.getByLabel('When').fill(`${year}-12-25 9:00 New York`);
  await expect(dialog.getByRole('status')).toContainText('09:00 in America/New_York');
  await dialog.getByRole('button', { name: /^Schedule for .* 09:00$/ }).click();
  await expect(dialog).toBeHidden();
  try {
    // A month and a year go by in a moment, up to a little before.
    await setClock(page, new Date(christmas - 20_000));
    await page.getByRole('link', { name: 'Scheduled' }).first().click();
    const row = page.getByRole('listitem').filter({ hasText: 'Pine Storage' });
    await expect(row.getByText(/^in \d+ s/)).toBeVisible();
    await row.getByRole('link', { name: 'Pine Storage' }).click();
    await expect(page.getByText('Pine Storage is live')).toBeVisible();
    await expect(page.getByText(/Dec 25|25 Dec/).first()).toBeVisible();
    const { startedAt, scheduledFor } = await shop.times(page, page.url().split('/').pop()!);
    expect(Date.parse(scheduledFor)).toBe(christmas);
    expect(startedAt).not.toBeNull();
  } finally {
    await operate(page, 'clock/real');
  }
});
