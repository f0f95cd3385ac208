import type { Deployment, Step } from '../../src/deployment/documents';
import type { Review } from '../../src/review/documents';
import { change, check, results } from './plan';
import { inMode } from './product';
import { at, day, minute } from './time';

export const step = (index: number, over: Partial<Step> = {}): Step => ({
  index,
  action: 'CREATE',
  resource: index === 0 ? 'product' : 'price',
  summary:
    [
      'Create product Barista at Home',
      'Create price €24.00 per month',
      'Create price €240.00 per year',
      'Set the default price',
    ][index] ?? `Step ${index}`,
  status: 'PENDING',
  attempts: 0,
  liveId: null,
  stripeRequestId: null,
  startedAt: null,
  finishedAt: null,
  ...over,
});

export const done = (index: number, over: Partial<Step> = {}): Step =>
  step(index, {
    status: 'DONE',
    attempts: 1,
    stripeRequestId: `req_${index}8Xv2aQmJpL0k`,
    startedAt: at(-9000 + index * 800),
    finishedAt: at(-8400 + index * 800),
    ...over,
  });

const yes = { ok: true, why: null };

export const changes = () => [
  change({
    resource: 'product',
    label: 'Barista at Home',
    summary: 'Create the product',
    fields: [
      { field: 'name', kind: 'TEXT', before: null, after: 'Barista at Home', drifted: false },
      {
        field: 'description',
        kind: 'TEXT',
        before: null,
        after: 'A monthly box with three roasts, a card on each, and a video call with a barista.',
        drifted: false,
      },
    ],
  }),
  change({
    label: 'Monthly price',
    amountAfter: { amount: '24.00', currency: 'eur' },
    reversible: false,
    rollbackNote: 'Stripe can’t delete prices. A rollback archives it.',
  }),
  change({
    testId: 'price_2',
    label: 'Yearly price',
    replacesLiveId: 'price_old',
    amountBefore: { amount: '220.00', currency: 'eur' },
    amountAfter: { amount: '240.00', currency: 'eur' },
  }),
  change({
    action: 'ARCHIVE',
    testId: null,
    liveId: 'price_old',
    label: 'Yearly price',
    summary: 'Archive price €220.00 per year',
  }),
];

export const deployment = (over: Partial<Deployment> = {}): Deployment => ({
  id: 'd-run',
  kind: 'GO_LIVE',
  status: 'DEPLOYING',
  waitReason: null,
  liveOutcome: null,
  turningBack: false,
  cancelRequestedAt: null,
  progressPercentage: 62,
  progressMessage: 'Creating price €240.00 per year',
  lastSequence: 7,
  retryAt: null,
  startedAt: at(-10_000),
  finishedAt: null,
  trigger: 'IMMEDIATE',
  requestedBy: 'ada@harbourpine.coffee',
  startedBy: null,
  reason: 'Launch of the winter box',
  adopt: false,
  createdAt: at(-12_000),
  scheduledFor: null,
  timeZone: null,
  lateSeconds: null,
  version: 1,
  cancelRequestedBy: null,
  lastChange: null,
  notifications: null,
  product: { id: 'p-1', name: 'Barista at Home', liveUrl: null, archivedInTest: false, inTest: inMode(), inLive: null },
  steps: [done(0), done(1), step(2, { status: 'RUNNING', attempts: 1, startedAt: at(-400) }), step(3)],
  plan: { hash: 'v1:1', isEmpty: false, changes: changes() },
  validation: { ok: true, checkedAt: at(-11_000), results: results() },
  error: null,
  rollbackOf: null,
  rolledBackBy: null,
  can: {
    cancel: yes,
    rollBack: { ok: false, why: 'It hasn’t completed.' },
    tryAgain: yes,
    reschedule: yes,
    deployNow: yes,
  },
  ...over,
});

export const live = () =>
  deployment({
    status: 'COMPLETED',
    progressPercentage: 100,
    progressMessage: 'Live',
    finishedAt: at(-1000),
    steps: [done(0), done(1), done(2), done(3)],
    product: {
      id: 'p-1',
      name: 'Barista at Home',
      liveUrl: 'https://dashboard.stripe.com/products/prod_1',
      archivedInTest: false,
      inTest: inMode(),
      inLive: inMode(),
    },
    can: { cancel: { ok: false, why: null }, rollBack: yes, tryAgain: yes, reschedule: yes, deployNow: yes },
  });

export const failed = () =>
  deployment({
    status: 'FAILED',
    liveOutcome: 'RESTORED',
    turningBack: true,
    progressPercentage: 50,
    progressMessage: 'Everything that was written has been undone',
    finishedAt: at(-30 * minute),
    startedAt: at(-31 * minute),
    createdAt: at(-31 * minute),
    steps: [
      done(0, { status: 'UNDONE' }),
      done(1, { status: 'UNDONE' }),
      step(2, {
        status: 'FAILED',
        attempts: 3,
        stripeRequestId: 'req_Zb91kQ',
        startedAt: at(-31 * minute),
        finishedAt: at(-30.5 * minute),
      }),
      step(3),
    ],
    error: {
      category: 'STRIPE_REQUEST',
      message: 'Stripe refused the yearly price: the lookup key “barista_yearly” is taken by another price.',
      stripeCode: 'resource_already_exists',
      stripeRequestId: 'req_Zb91kQ',
      stepIndex: 2,
      hint: 'Free the lookup key in live, or choose another in test. Then try again.',
    },
  });

export const scheduled = (over: Partial<Deployment> = {}) =>
  deployment({
    id: 'd-next',
    status: 'SCHEDULED',
    waitReason: 'DUE_TIME',
    trigger: 'SCHEDULED',
    progressPercentage: 0,
    progressMessage: 'Scheduled',
    startedAt: null,
    scheduledFor: at(4 * day),
    timeZone: 'America/New_York',
    steps: [],
    ...over,
  });

export const review = (over: Partial<Review> = {}): Review => ({
  validation: {
    ok: true,
    checkedAt: at(0),
    results: [
      ...results(),
      check({
        check: 'product_description',
        status: 'WARNING',
        message: 'The description looks like a placeholder (“test”). Customers see it on checkout pages and invoices.',
      }),
    ],
  },
  plan: { hash: 'v1:1', isEmpty: false, changes: changes() },
  scheduled: [],
  liveAccount: { mode: 'LIVE', accountId: 'acct_1HarbourPine', accountName: 'Harbour & Pine' },
  ...over,
});

export const blocked = () =>
  review({
    validation: {
      ok: false,
      checkedAt: at(0),
      results: [
        check({
          check: 'live_conflict',
          group: 'LIVE',
          status: 'FAILED',
          message:
            'A product with the ID prod_Barista1 exists in live that Golive didn’t create. Allow Golive to adopt it, or use another product ID in test mode.',
        }),
        check({
          check: 'product_price',
          group: 'PRICES',
          status: 'FAILED',
          message: 'Two prices are incomplete.',
          problems: [
            { status: 'FAILED', message: 'Price €0.01 per month looks like a test amount.' },
            { status: 'FAILED', message: 'Price price_3 has no amount in EUR.' },
          ],
        }),
        ...results(),
      ],
    },
    plan: null,
  });
