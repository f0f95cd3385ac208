import type { InMode } from '../../src/bank/documents';
import type { ProductDetail, Row } from '../../src/product/documents';
import { at, day, hour, minute } from './time';

export const inMode = (over: Partial<InMode> = {}): InMode => ({
  name: 'Barista at Home',
  active: true,
  price: { amount: '24.00', currency: 'eur' },
  prices: 1,
  interval: 'month',
  intervalCount: 1,
  asOf: at(-2 * hour),
  ...over,
});

let n = 0;
export function row(over: Partial<Row> = {}): Row {
  n++;
  const name = over.name ?? 'Barista at Home';
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    name,
    stripeProductId: `prod_${name.replace(/\W/g, '').slice(0, 8)}${n}`,
    liveStatus: 'NOT_LIVE',
    archivedInTest: false,
    goneAt: null,
    inTest: inMode({ name }),
    inLive: null,
    nextScheduled: null,
    scheduledCount: 0,
    known: null,
    activeDeployment: null,
    ...over,
  };
}

export const rows = (): Row[] => [
  row({ name: 'Barista at Home' }),
  row({
    name: 'Espresso Blend, 1 kg',
    liveStatus: 'CHANGED',
    inLive: inMode({
      name: 'Espresso Blend, 1 kg',
      price: { amount: '21.50', currency: 'eur' },
      interval: null,
      intervalCount: null,
    }),
    inTest: inMode({
      name: 'Espresso Blend, 1 kg',
      price: { amount: '24.90', currency: 'eur' },
      interval: null,
      intervalCount: null,
      prices: 3,
    }),
    known: { asOf: at(-2 * hour), count: 2, lines: ['Price €21.50 → €24.90', 'Description changed'] },
    nextScheduled: {
      id: 'd-next',
      scheduledFor: at(4 * day),
      timeZone: 'America/New_York',
      status: 'SCHEDULED',
      waitReason: 'DUE_TIME',
      kind: 'GO_LIVE',
    },
    scheduledCount: 1,
  }),
  row({
    name: 'Filter Subscription',
    liveStatus: 'LIVE',
    inLive: inMode({ price: { amount: '12.00', currency: 'usd' } }),
    inTest: inMode({ price: { amount: '12.00', currency: 'usd' } }),
    known: { asOf: at(-2 * hour), count: 0, lines: [] },
  }),
  row({
    name: 'Cold Brew Kit',
    liveStatus: 'DRIFTED',
    inLive: inMode({ price: { amount: '39', currency: 'gbp' }, interval: null, intervalCount: null }),
    inTest: inMode({ price: { amount: '35', currency: 'gbp' }, interval: null, intervalCount: null }),
    known: { asOf: at(-2 * hour), count: 1, lines: ['Price £39.00 → £35.00'] },
  }),
  row({
    name: 'Tasting in Kyoto with a name so long that it needs more room than there is',
    inTest: inMode({ price: { amount: '18000', currency: 'jpy' }, interval: null, intervalCount: null }),
  }),
  row({
    name: 'Office Machine Lease',
    liveStatus: 'CHANGED',
    inLive: inMode({ price: { amount: '89', currency: 'eur' }, intervalCount: 3 }),
    inTest: inMode({ price: { amount: '99', currency: 'eur' }, intervalCount: 3 }),
    known: { asOf: at(-2 * hour), count: 1, lines: ['Price €89.00 → €99.00'] },
    activeDeployment: {
      id: 'd-run',
      kind: 'GO_LIVE',
      status: 'DEPLOYING',
      waitReason: null,
      progressPercentage: 62,
      turningBack: false,
      cancelRequestedAt: null,
    },
  }),
  row({
    name: 'Old Grinder',
    liveStatus: 'LIVE',
    goneAt: at(-9 * day),
    inTest: null,
    inLive: inMode({ active: false }),
  }),
];

const detail = {
  tenant: { id: 't-1', slug: 'harbour' },
  description: 'A monthly box with three roasts, a card on each, and a video call with a barista.',
  testUrl: 'https://dashboard.stripe.com/test/products/prod_1',
  liveUrl: null,
  importedAt: at(-2 * hour),
  can: { goLive: { ok: true, why: null }, schedule: { ok: true, why: null } },
  prices: [
    {
      testId: 'price_1',
      liveId: null,
      active: true,
      currency: 'eur',
      billingScheme: 'per_unit',
      amount: { amount: '24.00', currency: 'eur' },
      lookupKey: 'barista_monthly',
      nickname: 'Monthly',
      interval: 'month',
      intervalCount: 1,
      isDefault: true,
    },
    {
      testId: 'price_2',
      liveId: null,
      active: true,
      currency: 'eur',
      billingScheme: 'per_unit',
      amount: { amount: '240.00', currency: 'eur' },
      lookupKey: 'barista_yearly',
      nickname: 'Yearly',
      interval: 'year',
      intervalCount: 1,
      isDefault: false,
    },
    {
      testId: 'price_3',
      liveId: null,
      active: false,
      currency: 'chf',
      billingScheme: 'per_unit',
      amount: { amount: '0.0125', currency: 'chf' },
      lookupKey: null,
      nickname: null,
      interval: 'month',
      intervalCount: 1,
      isDefault: false,
    },
  ],
  deployments: { nodes: [] },
} satisfies Omit<ProductDetail, keyof Row>;

export const product = (over: Partial<ProductDetail> = {}): ProductDetail => ({ ...row(), ...detail, ...over });

/** A product that has become dearer in test, and says so alike wherever it shows a price. */
export const dearer = (): ProductDetail => {
  const changed = rows()[1]!;
  const price = (n: number, over: Partial<ProductDetail['prices'][number]>) => ({
    ...detail.prices[0]!,
    testId: `price_${n}`,
    interval: null,
    intervalCount: null,
    isDefault: false,
    ...over,
  });
  return {
    ...product(changed),
    id: 'p-1',
    description: 'A dark roast of three beans, for machines and pots.',
    liveUrl: 'https://dashboard.stripe.com/products/prod_1',
    prices: [
      price(1, { amount: changed.inTest!.price, lookupKey: 'espresso_1kg', nickname: 'Bag', isDefault: true }),
      price(2, {
        amount: { amount: '99.00', currency: 'eur' },
        lookupKey: 'espresso_4kg',
        nickname: 'Case of four',
        liveId: 'price_live_2',
      }),
      price(3, {
        amount: { amount: '26.50', currency: 'chf' },
        lookupKey: 'espresso_1kg_chf',
        nickname: 'Bag, Switzerland',
        liveId: 'price_live_3',
      }),
    ],
    deployments: { nodes: recent() },
  };
};

export const recent = (): ProductDetail['deployments']['nodes'] => [
  {
    id: 'd-2',
    kind: 'GO_LIVE',
    status: 'COMPLETED',
    waitReason: null,
    liveOutcome: null,
    turningBack: false,
    cancelRequestedAt: null,
    requestedBy: 'ada@harbourpine.coffee',
    createdAt: at(-3 * hour),
    finishedAt: at(-3 * hour + minute),
    scheduledFor: null,
  },
  {
    id: 'd-1',
    kind: 'GO_LIVE',
    status: 'FAILED',
    waitReason: null,
    liveOutcome: 'RESTORED',
    turningBack: true,
    cancelRequestedAt: null,
    requestedBy: 'dan@harbourpine.coffee',
    createdAt: at(-8 * day),
    finishedAt: at(-8 * day),
    scheduledFor: null,
  },
];
