import type { Page } from '@playwright/test';
import { accessible, ask, expect, openProduct, test } from './person';

/** The next year in which the clocks of Berlin still go forward in March, and back in October. */
const year = new Date().getUTCFullYear() + 1;

/** The last Sunday of a month, when Europe's clocks change. */
function lastSunday(month: number) {
  const last = new Date(Date.UTC(year, month, 0));
  return last.getUTCDate() - last.getUTCDay();
}

async function dialogOf(page: Page) {
  await page.getByRole('button', { name: 'Schedule…' }).click();
  return page.getByRole('dialog', { name: /^Schedule / });
}

test('schedule by words, see it, move it, cancel it', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Pine Pro');
  const dialog = await dialogOf(page);
  await dialog.getByLabel('When').fill('tomorrow 9:00 Berlin');
  await expect(dialog.getByRole('status')).toContainText('09:00 in Europe/Berlin');
  await expect(dialog.getByRole('status')).toContainText('For you:');
  await accessible(page, 'the schedule dialog');
  await dialog.getByRole('button', { name: /^Schedule for .* 09:00$/ }).click();
  await expect(dialog).toBeHidden();

  await page.getByRole('link', { name: 'Scheduled' }).first().click();
  await expect(page.getByRole('link', { name: 'Pine Pro' })).toBeVisible();
  await accessible(page, 'what is scheduled');
  await page.getByRole('link', { name: 'Calendar' }).click();
  await expect(page.getByRole('table').first()).toBeVisible();
  await accessible(page, 'the calendar');
  await page.getByRole('link', { name: 'List' }).click();

  await page.getByRole('button', { name: 'Move… Pine Pro' }).click();
  const move = page.getByRole('dialog', { name: /Move the go-live of Pine Pro/ });
  await move.getByLabel('When').fill('friday 10:30 Berlin');
  await move.getByRole('button', { name: /^Move to .* 10:30$/ }).click();
  await expect(move).toBeHidden();
  await page.getByRole('button', { name: 'Cancel go-live: Pine Pro' }).click();
  const cancel = page.getByRole('alertdialog', { name: /Pine Pro/ });
  await expect(cancel).toBeVisible();
  await accessible(page, 'cancelling');
  await cancel.getByRole('button', { name: 'Cancel go-live' }).click();
  await expect(page.getByRole('link', { name: 'Pine Pro' })).toHaveCount(0);
});

test('a time that the clocks skip or repeat is two choices, and none is made for anybody', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Pine Free');
  const dialog = await dialogOf(page);
  for (const [words, offsets] of [
    [`${year}-03-${lastSunday(3)} 2:30 Berlin`, ['UTC+01:00', 'UTC+02:00']],
    [`${year}-10-${lastSunday(10)} 2:30 Berlin`, ['UTC+02:00', 'UTC+01:00']],
  ] as const) {
    await dialog.getByLabel('When').fill(words);
    const choices = dialog.getByRole('radio', { name: /^(Earlier|Later)/ });
    await expect(choices).toHaveCount(2);
    for (const choice of await choices.all()) await expect(choice).not.toBeChecked();
    await expect(dialog.getByRole('button', { name: 'Schedule', exact: true })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await expect(dialog.getByRole('radio', { name: /Later/ })).toHaveAccessibleName(/UTC/);
    for (const offset of offsets) await expect(dialog.getByText(offset, { exact: false }).first()).toBeVisible();
  }
  await accessible(page, 'a repeated hour');
  await dialog.getByRole('radio', { name: 'Later (UTC+01:00)' }).check();
  await dialog.getByRole('button', { name: /^Schedule for/ }).click();
  await expect(dialog).toBeHidden();
  const data = await ask(page, '{ tenant(slug: "demo") { upcoming(first: 1) { nodes { id scheduledFor version } } } }');
  const [saved] = (data.tenant as { upcoming: { nodes: { id: string; scheduledFor: string; version: number }[] } })
    .upcoming.nodes;
  expect(saved?.scheduledFor).toBe(`${year}-10-${lastSunday(10)}T01:30:00Z`);
  await ask(page, cancelIt, { id: saved!.id, version: saved!.version });
});

const cancelIt =
  'mutation ($id: ID!, $version: Int) { cancelDeployment(input: { deploymentId: $id, version: $version }) { userErrors { message } } }';

test('what somebody else has changed meanwhile is shown, with both ways on', async ({ open }) => {
  const ada = await openProduct(open, 'Ada', 'Pine Classic');
  const dialog = await dialogOf(ada);
  await dialog.getByLabel('When').fill('tomorrow 8:00 Berlin');
  await dialog.getByRole('button', { name: /^Schedule for/ }).click();
  await expect(dialog).toBeHidden();
  await ada.getByRole('link', { name: 'Scheduled' }).first().click();
  await ada.getByRole('button', { name: 'Move… Pine Classic' }).click();
  const move = ada.getByRole('dialog', { name: /Move/ });
  await move.getByLabel('When').fill('tomorrow 11:00 Berlin');

  const dan = await open('Dan', '/t/demo/settings?section=me');
  const data = await ask(dan, '{ tenant(slug: "demo") { upcoming(first: 1) { nodes { id version } } } }');
  const [row] = (data.tenant as { upcoming: { nodes: { id: string; version: number }[] } }).upcoming.nodes;
  const theirs = `mutation ($id: ID!, $version: Int!) { rescheduleDeployment(input: {
    deploymentId: $id, version: $version, localTime: "${year}-06-01T07:00:00", timeZone: "Europe/Berlin" }) { userErrors { message } } }`;
  expect(await ask(dan, theirs, row!)).toEqual({ rescheduleDeployment: { userErrors: [] } });

  await move.getByRole('button', { name: /^Move to .* 11:00$/ }).click();
  await expect(move.getByText(/dan@golive\.localhost has changed this in the meantime/)).toBeVisible();
  await expect(move.getByText(/1 Jun|Jun 1|June/).first()).toBeVisible();
  await expect(move.getByRole('button', { name: 'Keep theirs' })).toBeVisible();
  await accessible(ada, 'a conflict');
  await move.getByRole('button', { name: 'Move anyway' }).click();
  await expect(move).toBeHidden();
  await ada.getByRole('button', { name: 'Cancel go-live: Pine Classic' }).click();
  await ada.getByRole('alertdialog').getByRole('button', { name: 'Cancel go-live' }).click();
  await expect(ada.getByRole('link', { name: 'Pine Classic' })).toHaveCount(0);
});
