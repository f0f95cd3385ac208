import { accessible, ask, calm, choose, expect, type Open, openProduct, signIn, test } from './person';

const goLive = 'mutation ($id: ID!) { goLive(input: { productId: $id }) { deployment { id } userErrors { message } } }';
const find =
  'query ($name: String!) { tenant(slug: "demo") { products(first: 1, search: $name) { nodes { id liveStatus activeDeployment { id } } } } }';
type Found = { products: { nodes: { id: string; liveStatus: string }[] } };

test('roll back, knowing beforehand what that changes', async ({ open }) => {
  const page = await openProduct(open, 'Ada', 'Hot desk at the harbour');
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('Hot desk at the harbour is live')).toBeVisible();
  await page.getByRole('link', { name: 'All details' }).click();
  await page.getByRole('button', { name: 'Roll back…' }).click();
  const dialog = page.getByRole('alertdialog');
  const act = dialog.getByRole('button', { name: /^Roll back [1-9]\d* changes?$/ });
  await expect(act).toBeVisible();
  await accessible(page, 'the preview of a rollback');
  await act.click();
  await expect(page.getByText('Hot desk at the harbour is as it was before')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Rollback of Hot desk at the harbour' })).toBeVisible();
});

test('offline, the page says so, and catches up with what happened without it', async ({ open }) => {
  const page = await open('Ada');
  // A cut connection, as a train's tunnel makes it: what is open ends, and nothing new comes up.
  const cuts: (() => void)[] = [];
  let tunnel = false;
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    if (tunnel) return void socket.close({ code: 1001 });
    cuts.push(() => socket.close({ code: 1001 }));
    socket.connectToServer();
  });
  await page.goto('/t/demo/scheduled');
  await expect(page.getByRole('heading', { level: 1, name: 'Scheduled' })).toBeVisible();
  await expect.poll(() => cuts.length).toBeGreaterThan(0);
  tunnel = true;
  await page.context().setOffline(true);
  for (const cut of cuts) cut();
  await expect(page.getByText(/You’re offline\. Shown as of \d\d:\d\d/)).toBeVisible();
  await accessible(page, 'offline');

  const dan = await open('Dan', '/t/demo/settings?section=me');
  const { products } = (await ask(dan, find, { name: 'Pine Enterprise' })).tenant as Found;
  const schedule = `mutation ($id: ID!) { scheduleGoLive(input: { productId: $id, localTime: "${new Date().getUTCFullYear() + 1}-02-03T09:00:00", timeZone: "UTC" }) {
    deployment { id version } userErrors { message } } }`;
  const made = (await ask(dan, schedule, { id: products.nodes[0]!.id })).scheduleGoLive as {
    deployment: { id: string; version: number } | null;
    userErrors: unknown;
  };
  expect(made.userErrors).toEqual([]);

  tunnel = false;
  await page.context().setOffline(false);
  await expect(page.getByRole('link', { name: 'Pine Enterprise' })).toBeVisible();
  await expect(page.getByText(/You’re offline/)).toBeHidden();
  await ask(
    dan,
    'mutation ($id: ID!, $version: Int) { cancelDeployment(input: { deploymentId: $id, version: $version }) { userErrors { message } } }',
    made.deployment!,
  );
  await expect(page.getByRole('link', { name: 'Pine Enterprise' })).toHaveCount(0);
});

test('a go-live is followed through cuts to its end', async ({ open }) => {
  const page = await open('Ada');
  // Each connection ends after its first event: whoever merely began anew would never arrive.
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      socket.send(message);
      if (String(message).includes('"next"')) void socket.close({ code: 1012 });
    });
  });
  await page.goto('/t/demo/products?q=Label');
  await page.getByRole('link', { name: 'Label printing credits', exact: true }).click();
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.getByRole('button', { name: /^Make \d+ changes? live$/ }).click();
  await expect(page.getByText('Label printing credits is live')).toBeVisible();
});

test('a session that has ended keeps what was typed', async ({ open, browser }) => {
  const context = await browser.newContext(calm);
  const page = await context.newPage();
  await signIn(page, 'Dan', '/t/demo/products?q=Pine+Free');
  await page.getByRole('link', { name: 'Pine Free', exact: true }).click();
  await page.getByRole('button', { name: 'Schedule…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Schedule / });
  const reason = dialog.getByLabel('Why (optional)');
  await reason.fill('The spring menu');

  const { sessions } = (await ask(page, '{ viewer { sessions { id current } } }')).viewer as {
    sessions: { id: string; current: boolean }[];
  };
  const elsewhere = await open('Dan', '/t/demo/settings?section=me');
  await ask(elsewhere, 'mutation ($id: ID!) { endSession(input: { sessionId: $id }) { userErrors { message } } }', {
    id: sessions.find((session) => session.current)!.id,
  });
  await dialog.getByLabel('When').fill('tomorrow 9:00 Berlin');
  const ended = dialog.getByText('Your session has ended. What you typed is still here.');
  await expect(ended).toBeVisible();
  await accessible(page, 'an ended session');
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Sign in again' }).click();
  await choose(await popup, 'Dan');
  await expect(ended).toBeHidden();
  await expect(reason).toHaveValue('The spring menu');
  await dialog.getByLabel('When').fill('tomorrow 9:30 Berlin');
  await expect(dialog.getByRole('button', { name: /^Schedule for .* 09:30$/ })).toBeVisible();
  await context.close();
});

test('who opens a link while the search is on its way gets to the link', async ({ page }) => {
  await signIn(page, 'Vik', '/t/demo/products');
  const box = page.getByRole('searchbox');
  await expect(box).toBeVisible();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  // A slow network: the product's view is still being fetched when the search is due.
  let arrive = () => {};
  const slow = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await page.route(/\/Product2?\.js$/, (route) => slow.then(() => route.continue()));
  await box.fill('Pine');
  await page.getByRole('link', { name: 'Pine Classic', exact: true }).click();
  await page.clock.runFor(600);
  arrive();
  await expect(page.getByRole('heading', { level: 1, name: 'Pine Classic' })).toBeVisible();
});

/** Takes a product live as Dan, who looks at nothing, and waits for the end. */
async function takeLive(open: Open, name: string) {
  const dan = await open('Dan', '/t/demo/settings?section=me');
  const look = async () => ((await ask(dan, find, { name })).tenant as Found).products.nodes[0]!;
  const { goLive: begun } = await ask(dan, goLive, { id: (await look()).id });
  expect((begun as { userErrors: unknown[] }).userErrors).toEqual([]);
  await expect.poll(async () => (await look()).liveStatus).toBe('LIVE');
}

test('another person’s go-live shows where one looks, however late it is followed', async ({ open }) => {
  const page = await open('Vik', '/t/demo/products');
  let follow = () => {};
  const over = new Promise<void>((resolve) => {
    follow = resolve;
  });
  await page.route(/\/Follow\d*\.js$/, (route) => over.then(() => route.continue()));
  await page.getByRole('link', { name: 'Harbour Coffee Club', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Go live' })).toBeVisible();
  await takeLive(open, 'Harbour Coffee Club');
  follow();
  await expect(page.getByRole('button', { name: 'Update live' })).toBeVisible();
});

test('what changes while an answer is on its way is asked for once more', async ({ open }) => {
  const page = await openProduct(open, 'Vik', "Tokyo Roasters' Meetup");
  let arrive = () => {};
  const over = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  // What was answered before the end comes after it.
  await page.route(/\/graphql$/, async (route) => {
    const response = await route.fetch();
    await over;
    await route.fulfill({ response });
  });
  await takeLive(open, "Tokyo Roasters' Meetup");
  arrive();
  await expect(page.getByRole('button', { name: 'Update live' })).toBeVisible();
});
