import type { Dispute } from '../../src/dispute/documents';
import type { Module, Order, Row } from '../../src/orders/documents';
import { at, day, hour, minute } from './time';

export const usd = (amount: string) => ({ amount, currency: 'usd' });
const fine = { ok: true, why: null };
const not = (why: string) => ({ ok: false, why });

export const paymentsModule = (over: Partial<Module> = {}): { tenant: { id: string; payments: Module } } => ({
  tenant: {
    id: 't-1',
    payments: {
      mode: 'LIVE',
      enabled: true,
      since: at(-60 * day),
      webhookEndpointId: 'we_1HarbourPineOrders',
      origins: ['https://shop.harbourpine.coffee'],
      problem: null,
      oldestUnappliedSeconds: null,
      deadEvents: 2,
      ...over,
    },
  },
});

const row = (n: number, over: Partial<Row>): Row => ({
  id: `o-${n}`,
  number: `HP-10${n}`,
  mode: 'LIVE',
  reference: null,
  customer: `cus-20${n}`,
  status: 'PAID',
  attention: [],
  total: usd('37.00'),
  refunded: usd('0.00'),
  createdAt: at(-n * hour),
  ...over,
});

export const orderRows = (): Row[] => [
  row(41, { status: 'AWAITING_PAYMENT' }),
  row(42, { status: 'AUTHORIZED', total: usd('1249.00'), reference: 'spring-menu-2026' }),
  row(43, { refunded: usd('18.50') }),
  row(44, { status: 'FULFILLED', customer: 'cus-with-a-name-that-a-host-application-made-rather-long' }),
  row(45, { status: 'EXPIRED' }),
  row(46, {
    status: 'COMPLETED',
    total: { amount: '4500', currency: 'jpy' },
    refunded: { amount: '0', currency: 'jpy' },
  }),
];
export const urgentRows = (): Row[] => [
  row(47, { attention: ['DISPUTE_OPEN'], status: 'FULFILLED' }),
  row(48, { attention: ['LATE_PAYMENT', 'OVERPAID'], status: 'EXPIRED' }),
];

export const ordersOf = (nodes: Row[]) => ({
  tenant: { id: 't-1', orders: { nodes, pageInfo: { hasNextPage: true, endCursor: 'x' } } },
});

/** Paid, refunded in part, and disputed. */
export const order = (over: Partial<Order> = {}): { order: Order & { tenant: { id: string; slug: string } } } => ({
  order: {
    ...row(43, { refunded: usd('18.50'), attention: ['DISPUTE_OPEN'], reference: 'spring-menu-2026' }),
    tenant: { id: 't-1', slug: 'harbour' },
    email: 'mia@example.com',
    version: 7,
    lines: [
      {
        name: 'Dockside Espresso, 500 g',
        priceId: 'price_1CoffeeBag',
        lookupKey: 'coffee_dockside_500',
        quantity: 2,
        unitAmount: usd('18.50'),
        amount: usd('37.00'),
      },
    ],
    authorized: usd('37.00'),
    captured: usd('37.00'),
    disputed: usd('18.50'),
    createdAt: at(-3 * day - 10 * minute),
    expiresAt: at(-2 * day),
    paidAt: at(-3 * day),
    fulfilledAt: null,
    completedAt: null,
    cancelReason: null,
    metadata: { table: '12', channel: 'web' },
    payments: [
      {
        id: 'pay-1',
        status: 'CAPTURED',
        flow: 'HOSTED',
        captureMethod: 'AUTOMATIC',
        amount: usd('37.00'),
        captured: usd('37.00'),
        fee: usd('1.37'),
        method: 'visa',
        last4: '4242',
        declineCode: 'Your card was declined.',
        message: null,
        stripePaymentIntentId: 'pi_3QHarbourPine0001',
        stripeSessionId: 'cs_live_HarbourPine0001',
        createdAt: at(-3 * day - 5 * minute),
      },
    ],
    refunds: [
      {
        id: 'ref-1',
        paymentId: 'pay-1',
        status: 'SUCCEEDED',
        amount: usd('18.50'),
        reason: 'requested_by_customer',
        source: 'API',
        stripeRefundId: 're_3QHarbourPine0001',
        failureReason: null,
        requestedBy: 'dan@harbourpine.coffee',
        createdAt: at(-day),
      },
    ],
    disputes: [
      {
        id: 'dis-1',
        status: 'NEEDS_RESPONSE',
        amount: usd('18.50'),
        reason: 'product_not_received',
        evidenceDueBy: at(6 * day),
        submissions: 0,
        stripeDisputeId: 'dp_1HarbourPine0001',
        createdAt: at(-hour),
      },
    ],
    can: {
      pay: not('It has been paid.'),
      capture: not('Nothing is held.'),
      refund: fine,
      cancel: not('It has been paid: refund it instead.'),
      fulfill: fine,
    },
    ...over,
  },
});

const told = [
  'It was created.',
  'A checkout was started.',
  'The payment was declined.',
  'It is paid.',
  'It is disputed.',
];
export const orderEvents = () => ({
  order: {
    id: 'o-43',
    events: told.map((message, i) => ({
      sequence: i + 1,
      at: at(-3 * day + i * minute),
      status: i < 3 ? 'AWAITING_PAYMENT' : 'PAID',
      message,
      actor: i === 0 ? 'shop@harbourpine.coffee' : null,
    })),
  },
});

export const dispute = (over: Partial<Dispute> = {}): { dispute: Dispute } => ({
  dispute: {
    id: 'dis-1',
    status: 'NEEDS_RESPONSE',
    amount: usd('18.50'),
    reason: 'product_not_received',
    evidenceDueBy: at(6 * day),
    evidence: { shipping_carrier: 'Harbour Couriers', shipping_tracking_number: 'HC-4711' },
    submissions: 0,
    submittedAt: null,
    stripeDisputeId: 'dp_1HarbourPine0001',
    createdAt: at(-hour),
    order: { id: 'o-43', number: 'HP-1043', mode: 'LIVE', customer: 'cus-2043' },
    can: fine,
    ...over,
  },
});

export const disputesOf = (n: number) => ({
  tenant: {
    id: 't-1',
    disputes: {
      nodes: Array.from({ length: n }, (_, i) => ({
        ...dispute({ id: `dis-${i}`, status: (['NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST'] as const)[i % 4]! })
          .dispute,
        order: i === 3 ? null : { id: `o-${i}`, number: `HP-104${i}`, customer: `cus-204${i}` },
      })),
      pageInfo: { hasNextPage: false, endCursor: null },
    },
  },
});
