import type { WebhookEvent } from '../../src/inbox/documents';
import type { Books, Payout } from '../../src/payout/documents';
import { usd } from './orders';
import { at, day, hour, minute } from './time';

const dayOf = (offset: number) => at(offset).slice(0, 10);

export const payout = (over: Partial<Payout> = {}): { payout: Payout } => ({
  payout: {
    id: 'po-1',
    stripePayoutId: 'po_1HarbourPine0001',
    status: 'paid',
    amount: usd('12345.67'),
    fees: usd('391.02'),
    residual: usd('0.00'),
    arrivalDate: dayOf(-day),
    transactionCount: 213,
    reconciledAt: at(-hour),
    lines: [
      { category: 'charge', count: 209, gross: usd('12991.69'), fee: usd('376.02'), net: usd('12615.67') },
      { category: 'refund', count: 3, gross: usd('-255.00'), fee: usd('0.00'), net: usd('-255.00') },
      { category: 'dispute', count: 1, gross: usd('0.00'), fee: usd('15.00'), net: usd('-15.00') },
    ],
    balanceTransactions: {
      nodes: [
        {
          id: 'bt-1',
          stripeId: 'txn_1HarbourPine0001',
          type: 'charge',
          category: 'charge',
          gross: usd('37.00'),
          fee: usd('1.37'),
          net: usd('35.63'),
          order: { id: 'o-43', number: 'HP-1043' },
        },
        {
          id: 'bt-2',
          stripeId: 'txn_1HarbourPine0002',
          type: 'adjustment',
          category: 'dispute',
          gross: usd('0.00'),
          fee: usd('15.00'),
          net: usd('-15.00'),
          order: null,
        },
      ],
      pageInfo: { hasNextPage: true, endCursor: 'x' },
    },
    ...over,
  },
});

export const payoutsOf = () => ({
  tenant: {
    id: 't-1',
    payouts: {
      nodes: [
        payout({ id: 'po-3', status: 'in_transit', arrivalDate: dayOf(2 * day), residual: usd('4.00') }).payout,
        payout().payout,
        payout({ id: 'po-0', status: 'failed', arrivalDate: dayOf(-8 * day) }).payout,
      ],
      pageInfo: { hasNextPage: false, endCursor: null },
    },
  },
});

export const books = (over: Partial<Books['reconciliation']> = {}): { tenant: Books } => ({
  tenant: {
    id: 't-1',
    reconciliation: {
      checkedAt: at(-20 * minute),
      agree: true,
      notes: [],
      mismatches: [],
      currencies: [
        {
          currency: 'usd',
          charged: [usd('12991.69'), { amount: '310.00', currency: 'eur' }],
          captured: usd('13322.40'),
          refunded: usd('255.00'),
          disputed: usd('18.50'),
          fees: usd('391.02'),
          net: usd('12657.88'),
          paidOut: usd('12345.67'),
          unmatched: 2,
        },
      ],
      ...over,
    },
    paymentFees: [
      {
        method: 'card',
        currency: 'usd',
        count: 209,
        gross: usd('12991.69'),
        fee: usd('376.02'),
        effectiveRate: 0.0289,
      },
      {
        method: 'sepa_debit',
        currency: 'eur',
        count: 4,
        gross: usd('310.00'),
        fee: usd('1.40'),
        effectiveRate: 0.0045,
      },
    ],
  },
});

const event = (n: number, over: Partial<WebhookEvent>): WebhookEvent => ({
  id: `e-${n}`,
  stripeEventId: `evt_1HarbourPine000${n}`,
  type: 'checkout.session.completed',
  status: 'APPLIED',
  createdAt: at(-n * hour),
  receivedAt: at(-n * hour + 1000),
  appliedAt: at(-n * hour + 2000),
  deliveries: 1,
  attempts: 1,
  source: 'WEBHOOK',
  error: null,
  order: { id: 'o-43', number: 'HP-1043' },
  ...over,
});

export const eventsOf = () => ({
  tenant: {
    id: 't-1',
    webhookEvents: {
      nodes: [
        event(1, { status: 'RECEIVED', appliedAt: null }),
        event(2, { type: 'charge.dispute.funds_withdrawn', deliveries: 3 }),
        event(3, {
          status: 'DEAD',
          type: 'payment_intent.amount_capturable_updated',
          appliedAt: null,
          attempts: 12,
          error: 'Stripe answered 500 to GET /v1/payment_intents/pi_3QHarbourPine0001, twelve times.',
        }),
        event(4, { status: 'FOREIGN', type: 'invoice.paid', order: null }),
        event(5, { status: 'QUARANTINED', order: null, error: 'Its account isn’t the one that is connected.' }),
      ],
      pageInfo: { hasNextPage: true, endCursor: 'x' },
    },
  },
});
