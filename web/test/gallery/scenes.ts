import { pasts, upcomings } from '../factories/lists';
import * as of from '../factories/deployment';
import { dearer, product, recent, rows } from '../factories/product';
import * as books from '../factories/books';
import * as orders from '../factories/orders';
import { service, viewer } from '../factories/shell';
import { home, metrics, settings, zones } from '../factories/others';
import { at, day, hour, minute } from '../factories/time';

type Answers = Record<string, unknown>;
export type Scene = { path: string; answers: Answers };

const counts = {
  tenant: {
    id: 't-1',
    productCounts: [
      { liveStatus: 'NOT_LIVE', count: 41 },
      { liveStatus: 'CHANGED', count: 3 },
      { liveStatus: 'LIVE', count: 1234 },
      { liveStatus: 'DRIFTED', count: 1 },
    ],
    import: {
      id: 'i-1',
      by: 'ada@harbourpine.coffee',
      startedAt: at(-2 * hour),
      finishedAt: at(-2 * hour),
      read: 1279,
      added: 2,
      changed: 3,
      gone: 0,
      error: null,
    },
  },
};
const events = {
  deployment: {
    id: 'd-run',
    events: [
      { sequence: 1, at: at(-12_000), status: 'PENDING', percentage: 0, message: 'Waiting for a worker' },
      { sequence: 2, at: at(-11_500), status: 'VALIDATING', percentage: 2, message: 'Running the checks' },
      {
        sequence: 3,
        at: at(-10_000),
        status: 'DEPLOYING',
        percentage: 10,
        message: 'Creating product Barista at Home',
      },
    ],
  },
};
const shell: Answers = {
  Shell: { viewer: viewer() },
  Service: { service: service() },
  ProductCounts: counts,
  Events: events,
  Metrics: metrics(),
  Zones: { timeZones: zones },
  PaymentsModule: orders.paymentsModule(),
  OtherSchedules: { tenant: { id: 't-1', upcoming: { nodes: [] } } },
  ...settings(),
};
const base = '/t/harbour';
const list = (nodes: unknown[]) => ({
  tenant: { id: 't-1', products: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } },
});
const one = (over: Parameters<typeof product>[0] = {}) => ({ Product: { product: product({ id: 'p-1', ...over }) } });
const upcomingOf = (nodes: unknown[]) => ({
  tenant: { id: 't-1', now: at(0), upcoming: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } },
});
const refused = {
  ok: false,
  why: 'Your role (viewer) can look and plan. Ask ada@harbourpine.coffee (admin) to go live.',
};

const scene = (path: string, answers: Answers): Scene => ({ path: base + path, answers: { ...shell, ...answers } });
const deployed = (deployment: ReturnType<typeof of.deployment>) =>
  scene(`/deployments/${deployment.id}`, { Deployment: { deployment } });

/** Every state of every view, by name. */
export const scenes: Record<string, Scene> = {
  products: scene('/products', { Products: list(rows()) }),
  'products-empty': scene('/products?q=xy', { Products: list([]) }),
  'products-importing': scene('/products', {
    Products: list([]),
    ProductCounts: { tenant: { ...counts.tenant, import: { ...counts.tenant.import, finishedAt: null, read: 1240 } } },
  }),
  'products-loading': scene('/products', {}),
  'products-paused': scene('/products', {
    Products: list(rows()),
    Service: {
      service: service({ pausedSince: at(-hour), pausedReason: 'Stripe is migrating our account', simulator: true }),
    },
    Shell: { viewer: viewer({ tenants: ['Harbour & Pine', 'Northern Lights Bakery'] }) },
  }),
  product: scene('/products/p-1', one({ deployments: { nodes: recent() } })),
  'product-changed': scene('/products/p-1', {
    Product: { product: dearer() },
  }),
  'product-viewer': scene('/products/p-1', one({ can: { goLive: refused, schedule: refused } })),
  'product-running': scene('/products/p-1', {
    ...one({
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
    Deployment: { deployment: of.deployment() },
  }),
  review: scene('/products/p-1?open=review', { ...one(), Review: { reviewGoLive: of.review() } }),
  'review-failed': scene('/products/p-1?open=review', { ...one(), Review: { reviewGoLive: of.blocked() } }),
  'review-checking': scene('/products/p-1?open=review', one()),
  'deployment-running': deployed(of.deployment()),
  'deployment-live': deployed(of.live()),
  'deployment-failed': deployed(of.failed()),
  'deployment-waiting': deployed(
    of.deployment({ waitReason: 'STRIPE_UNAVAILABLE', retryAt: at(minute), progressMessage: 'Waiting for Stripe' }),
  ),
  'schedule-empty': scene('/products/p-1?open=schedule', one()),
  home: scene('/', { Home: home() }),
  'home-quiet': scene('/', { Home: home({ attention: [], deployments: { nodes: [] }, upcoming: { nodes: [] } }) }),
  'home-first': scene('/', {
    Home: home({ import: null, attention: [], deployments: { nodes: [] }, upcoming: { nodes: [] } }),
    Shell: { viewer: viewer({ connections: [] }) },
  }),
  scheduled: scene('/scheduled', { Upcoming: upcomingOf(upcomings()) }),
  'scheduled-empty': scene('/scheduled', { Upcoming: upcomingOf([]) }),
  'scheduled-calendar': scene('/scheduled?view=calendar', { Upcoming: upcomingOf(upcomings()) }),
  history: scene('/deployments', {
    History: {
      tenant: { id: 't-1', deployments: { nodes: pasts(), pageInfo: { hasNextPage: true, endCursor: 'x' } } },
    },
  }),
  'history-empty': scene('/deployments?show=failed', {
    History: { tenant: { id: 't-1', deployments: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } } },
  }),
  settings: scene('/settings', {}),
  'settings-people': scene('/settings?section=people', {}),
  'settings-tokens': scene('/settings?section=tokens', {}),
  'settings-me': scene('/settings?section=me', {}),
  'settings-audit': scene('/settings?section=audit', {}),
  'deployment-scheduled': deployed(of.scheduled({ scheduledFor: at(4 * day) })),
  orders: scene('/orders', {
    Orders: ({ attention }: { attention: boolean | null }) =>
      orders.ordersOf(attention ? orders.urgentRows() : orders.orderRows()),
  }),
  'orders-needs': scene('/orders?show=needs', { Orders: orders.ordersOf(orders.urgentRows()) }),
  'orders-empty': scene('/orders', { Orders: orders.ordersOf([]) }),
  'orders-off': scene('/orders', {
    Orders: orders.ordersOf(orders.orderRows()),
    PaymentsModule: orders.paymentsModule({ enabled: false }),
  }),
  order: scene('/orders/o-43', { Order: orders.order(), OrderEvents: orders.orderEvents() }),
  disputes: scene('/orders/disputes', { Disputes: orders.disputesOf(4) }),
  'disputes-empty': scene('/orders/disputes', { Disputes: orders.disputesOf(0) }),
  dispute: scene('/orders/disputes/dis-1', { Dispute: orders.dispute() }),
  payouts: scene('/orders/payouts', { Payouts: books.payoutsOf() }),
  payout: scene('/orders/payouts/po-1', { Payout: books.payout() }),
  reconciliation: scene('/orders/reconciliation', { Books: books.books() }),
  'reconciliation-differs': scene('/orders/reconciliation', {
    Books: books.books({
      mismatches: [
        'Order HP-1043: Golive knows of $18.50 refunded, Stripe of $37.00.',
        'po_1HarbourPine0003: $4.00 has no transaction.',
      ],
    }),
  }),
  events: scene('/orders/events', { WebhookEvents: books.eventsOf() }),
  'settings-payments': scene('/settings?section=payments', {}),
  nowhere: scene('/nothing/here', {}),
};
