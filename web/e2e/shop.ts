import { expect, type Page } from '@playwright/test';
import { ask } from './person';

const simulator = process.env.GOLIVE_STRIPE ?? 'http://127.0.0.1:8082';
const account = 'acct_1HarbourAndPine';

/** Has the simulated Stripe do what people and banks do to the real one. */
export async function stripe<T>(page: Page, act: string, data: object, method = 'POST') {
  const answer = await page.request.fetch(`${simulator}/_sim/${act}`, { method, data });
  const text = await answer.text();
  expect(answer.ok(), text).toBe(true);
  return JSON.parse(text) as T;
}

type Match = { method: string; path: string; nth?: number; mode?: string };

/** Lets a call of the account's live mode go wrong. */
export const fault = (page: Page, { match, ...how }: { kind: string; match: Match }) =>
  stripe<{ id: string }>(page, 'faults', { ...how, match: { account, mode: 'live', ...match } });

/** Holds such a call from now on, until it is released. */
export async function hold(page: Page, match: Match) {
  const { id } = await fault(page, { kind: 'hold', match });
  return {
    /** Waits until the call is there. */
    arrived: async () => {
      const held = await page.request.get(`${simulator}/_sim/held?fault=${id}&timeout=60s`);
      expect(await held.json()).not.toEqual([]);
    },
    release: async () => {
      const held = await page.request.get(`${simulator}/_sim/held?fault=${id}&timeout=60s`);
      for (const { id: call } of (await held.json()) as { id: string }[])
        await stripe(page, 'release', { id: call, drop: false });
    },
  };
}

type LiveProduct = { id: string; name: string; active: boolean };
const liveKey = { Authorization: 'Bearer sk_live_harbourandpine' };

/** What Stripe has in live. */
export async function liveProducts(page: Page) {
  const answer = await page.request.get(`${simulator}/v1/products?limit=100`, { headers: liveKey });
  return ((await answer.json()) as { data: LiveProduct[] }).data;
}

/** Somebody changes live by hand. */
export async function changeLive(page: Page, path: string, form: Record<string, string>) {
  const answer = await page.request.post(`${simulator}/v1/${path}`, { headers: liveKey, form });
  expect(answer.ok(), await answer.text()).toBe(true);
}

type Product = { id: string; liveStatus: string };
const find =
  'query ($name: String!) { tenant(slug: "demo") { products(first: 1, search: $name) { nodes { id liveStatus } } } }';

export async function productOf(page: Page, name: string) {
  const { products } = (await ask(page, find, { name })).tenant as { products: { nodes: Product[] } };
  return products.nodes[0]!;
}

/** Does what a mutation does, beside the page, and returns what it selects. */
export async function mutate<T>(page: Page, name: string, input: object, selection: string) {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const data = await ask(
    page,
    `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${selection} userErrors { message } } }`,
    { input },
  );
  const { userErrors, ...made } = data[name] as { userErrors: unknown[] };
  expect(userErrors, name).toEqual([]);
  return made as T;
}

export async function goLive(page: Page, name: string) {
  const { id } = await productOf(page, name);
  const { deployment } = await mutate<{ deployment: { id: string } }>(
    page,
    'goLive',
    { productId: id },
    'deployment { id }',
  );
  return deployment.id;
}

const when = 'query ($id: ID!) { deployment(id: $id) { scheduledFor startedAt } }';

export const times = async (page: Page, id: string) =>
  (await ask(page, when, { id })).deployment as { scheduledFor: string; startedAt: string | null };

const status = 'query ($id: ID!) { deployment(id: $id) { status } }';

/** Waits until a deployment is over, or where it is said to be. */
export async function ended(page: Page, id: string, as = 'COMPLETED') {
  const now = async () => ((await ask(page, status, { id })).deployment as { status: string }).status;
  await expect.poll(now).toBe(as);
}

export async function schedule(page: Page, name: string, localTime: string) {
  const { id } = await productOf(page, name);
  const { deployment } = await mutate<{ deployment: Planned }>(
    page,
    'scheduleGoLive',
    { productId: id, localTime, timeZone: 'Europe/Berlin' },
    'deployment { id version }',
  );
  return deployment;
}

type Planned = { id: string; version: number };

/** Where the email about a deployment leads, once there is one: what was sent last comes first. */
export async function mailed(page: Page, id: string) {
  const read = async (path: string) => (await page.request.get(path)).text();
  const leads = new RegExp(`http\\S+/\\?deployment=${id}`);
  let link: string | undefined;
  await expect
    .poll(async () => {
      const newest = /mail\/\d+\.eml/.exec(await read('/dev/mail'))?.[0];
      link = newest && leads.exec(await read(`/dev/${newest}`))?.[0];
      return link;
    })
    .toBeTruthy();
  return link!;
}

export const cancel = (page: Page, { id, version }: Planned) =>
  mutate(page, 'cancelDeployment', { deploymentId: id, version }, 'deployment { id }');

type Order = { id: string; number: string };

/** An order of the simulated Stripe's test mode, of two bags of coffee. */
export async function order(page: Page, customer: string, more: object = {}) {
  const { tenant } = await ask(page, '{ tenant(slug: "demo") { id } }');
  const made = await mutate<{ order: Order }>(
    page,
    'createOrder',
    {
      tenantId: (tenant as { id: string }).id,
      mode: 'TEST',
      customer,
      lines: [{ priceId: 'price_CoffeeBag', quantity: 2 }],
      idempotencyKey: crypto.randomUUID(),
      ...more,
    },
    'order { id number }',
  );
  return made.order;
}

const intent = 'query ($id: ID!) { order(id: $id) { status payments { stripePaymentIntentId } disputes { id } } }';
type Seen = { status: string; payments: { stripePaymentIntentId: string | null }[]; disputes: { id: string }[] };
const seen = async (page: Page, id: string) => (await ask(page, intent, { id })).order as Seen;

/** An order whose customer has paid; returns Stripe's payment, too. */
export async function paidOrder(page: Page, customer: string, method = 'pm_card_bypassPending', more: object = {}) {
  const made = await order(page, customer, more);
  const { checkoutUrl } = await mutate<{ checkoutUrl: string }>(
    page,
    'startCheckout',
    { orderId: made.id, flow: 'HOSTED', idempotencyKey: `pay-${made.id}` },
    'checkoutUrl',
  );
  await stripe(page, 'pay', { id: /cs_test_\w+/.exec(checkoutUrl)![0], method });
  await expect.poll(async () => (await seen(page, made.id)).status).toMatch(/^(PAID|AUTHORIZED)$/);
  return { ...made, intent: (await seen(page, made.id)).payments[0]!.stripePaymentIntentId! };
}

const payouts = '{ tenant(slug: "demo") { payouts(mode: TEST, first: 1) { nodes { id } } } }';

/** Stripe pays out all that there is; returns the newest payout once Golive knows of one. */
export async function payOut(page: Page) {
  const { ids } = await stripe<{ ids: string[] | null }>(page, 'payout', { account, mode: 'test' });
  for (const id of ids ?? []) await stripe(page, 'settle', { id, succeed: true });
  const newest = async () =>
    ((await ask(page, payouts)).tenant as { payouts: { nodes: { id: string }[] } }).payouts.nodes[0]?.id;
  await expect.poll(newest).toBeDefined();
  return (await newest())!;
}

/** One order that is paid, one whose money is held, one that is disputed, and a payout. */
export async function sold(page: Page) {
  const paid = await paidOrder(page, 'cus-paid');
  const payout = await payOut(page);
  const held = await paidOrder(page, 'cus-matrix-held', 'pm_card_visa', { captureMethod: 'MANUAL' });
  const disputed = await paidOrder(page, 'cus-matrix-disputed');
  await stripe(page, 'dispute', { id: disputed.intent });
  await expect.poll(async () => (await seen(page, disputed.id)).disputes.length).toBe(1);
  return { paid, held, payout, dispute: (await seen(page, disputed.id)).disputes[0]!.id };
}
