import type { Page } from '@playwright/test';
import { accessible, expect, test } from './person';

/** Goes on with Tab until it is there, as somebody without a mouse does. */
async function tabTo(page: Page, name: RegExp | string, role: 'button' | 'link' = 'button') {
  const target = page.getByRole(role, { name, exact: true }).first();
  await expect(target).toBeVisible();
  // Its element, because a list that opens on the way hides all else from who asks by role.
  const element = await target.elementHandle();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (await element?.evaluate((found) => found === document.activeElement)) return;
  }
  throw new Error(`Tab does not reach ${name}`);
}

async function goTo(page: Page, letters: string, choice: string) {
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox', { name: 'A product, a deployment or a page' });
  await expect(box).toBeFocused();
  await page.keyboard.type(letters);
  const option = page.getByRole('option', { name: choice }).first();
  await expect(option).toBeVisible();
  while ((await option.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(box).toBeHidden();
}

test('live, scheduled, cancelled and rolled back by the keyboard alone', async ({ open }) => {
  const page = await open('Ada', '/t/demo');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('pine');
  await expect(page.getByRole('option', { name: /^Pine API calls/ })).toBeVisible();
  await accessible(page, 'the palette');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await goTo(page, 'api calls', 'Pine API calls');
  await expect(page.getByRole('heading', { level: 1, name: 'Pine API calls' })).toBeVisible();
  await tabTo(page, 'Schedule…');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Schedule Pine API calls' });
  await expect(dialog.getByLabel('When')).toBeFocused();
  await page.keyboard.type('tomorrow 9:00 Berlin');
  await tabTo(page, /^Schedule for .* 09:00$/);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  await goTo(page, 'sched', 'Scheduled');
  await tabTo(page, 'Cancel go-live: Pine API calls');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await tabTo(page, 'Cancel go-live');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alertdialog')).toBeHidden();
  await expect(page.getByRole('link', { name: 'Pine API calls' })).toHaveCount(0);

  await goTo(page, 'api calls', 'Pine API calls');
  await tabTo(page, 'Go live');
  await page.keyboard.press('Enter');
  await tabTo(page, /^Make [1-9]\d* changes? live$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Pine API calls is live')).toBeVisible();
  await tabTo(page, 'All details', 'link');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Roll back…');
  await page.keyboard.press('Enter');
  await tabTo(page, /^Roll back [1-9]\d* changes?$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Pine API calls is as it was before')).toBeVisible();
});
