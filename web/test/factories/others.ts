import type { HomeTenant, Metrics } from '../../src/home/documents';
import type { Entry, Member, Token } from '../../src/settings/documents';
import { at, day, hour, minute } from './time';

export const home = (over: Partial<HomeTenant> = {}): { tenant: HomeTenant } => ({
  tenant: {
    id: 't-1',
    import: { id: 'i-1', finishedAt: at(-2 * hour) },
    attention: [
      {
        kind: 'MISSED',
        since: at(-2 * hour),
        message: 'It couldn’t start at 09:00. Decide whether it still should.',
        product: { id: 'p-4', name: 'Cold Brew Kit' },
        deployment: { id: 'd-4', status: 'SCHEDULED' },
        order: null,
      },
      {
        kind: 'DRIFTED',
        since: at(-day),
        message: 'Someone changed its price in live outside of Golive.',
        product: { id: 'p-5', name: 'Filter Subscription' },
        deployment: null,
        order: null,
      },
      {
        kind: 'KEY_REFUSED',
        since: at(-day),
        message: 'Stripe no longer accepts the live key. Connect another.',
        product: null,
        deployment: null,
        order: null,
      },
    ],
    deployments: {
      nodes: [
        {
          id: 'd-run',
          kind: 'GO_LIVE',
          status: 'DEPLOYING',
          waitReason: null,
          turningBack: false,
          cancelRequestedAt: null,
          liveOutcome: null,
          progressPercentage: 62,
          progressMessage: 'Creating price €240.00 per year',
          requestedBy: 'ada@harbourpine.coffee',
          product: { id: 'p-1', name: 'Barista at Home' },
        },
      ],
    },
    upcoming: {
      nodes: [
        {
          id: 's-1',
          kind: 'GO_LIVE',
          status: 'SCHEDULED',
          waitReason: 'DUE_TIME',
          scheduledFor: at(42 * minute),
          timeZone: 'Europe/Berlin',
          product: { id: 'p-3', name: 'Filter Subscription' },
        },
        {
          id: 's-2',
          kind: 'GO_LIVE',
          status: 'SCHEDULED',
          waitReason: 'DUE_TIME',
          scheduledFor: at(4 * day),
          timeZone: 'America/New_York',
          product: { id: 'p-1', name: 'Barista at Home' },
        },
      ],
    },
    ...over,
  },
});

export const metrics = (): { tenant: { id: string; metrics: Metrics } } => ({
  tenant: {
    id: 't-1',
    metrics: {
      finished: 182,
      completed: 171,
      failed: 8,
      cancelled: 3,
      successRate: 0.9553,
      medianSeconds: 11.4,
      immediate: 133,
      scheduled: 49,
      missed: 1,
      days: Array.from({ length: 30 }, (_, i) => ({
        day: at((i - 29) * day).slice(0, 10),
        completed: (i * 7) % 11,
        failed: i % 9 === 4 ? 2 : 0,
        cancelled: i % 13 === 5 ? 1 : 0,
      })),
      failedChecks: [
        { check: 'price_tax_behavior', deployments: 5, products: 4 },
        { check: 'live_conflict', deployments: 2, products: 2 },
      ],
      errors: [
        { category: 'STRIPE_REQUEST', stripeCode: 'resource_already_exists', count: 3 },
        { category: 'PLAN_CHANGED', stripeCode: null, count: 1 },
      ],
    },
  },
});

export const zones = [
  { name: 'Europe/Berlin', cities: ['Hamburg', 'Munich'], utcOffset: '+01:00' },
  { name: 'America/New_York', cities: ['Boston', 'Miami'], utcOffset: '-05:00' },
  { name: 'Asia/Tokyo', cities: ['Kyoto', 'Osaka'], utcOffset: '+09:00' },
  { name: 'UTC', cities: [], utcOffset: '+00:00' },
];

const members: Member[] = [
  { id: 'm-1', email: 'ada@harbourpine.coffee', name: 'Ada', role: 'ADMIN', since: at(-200 * day) },
  { id: 'm-2', email: 'dan@harbourpine.coffee', name: 'Dan', role: 'DEPLOYER', since: at(-90 * day) },
  { id: 'm-3', email: 'vik@harbourpine.coffee', name: null, role: 'VIEWER', since: at(-9 * day) },
];
const tokens: Token[] = [
  {
    id: 'k-1',
    name: 'CI',
    email: 'service:CI',
    role: 'DEPLOYER',
    service: true,
    hint: 'glt_…3fa9',
    createdBy: 'ada@harbourpine.coffee',
    createdAt: at(-90 * day),
    lastUsedAt: at(-hour),
    expiresAt: null,
    revokedAt: null,
  },
  {
    id: 'k-2',
    name: null,
    email: 'ada@harbourpine.coffee',
    role: 'ADMIN',
    service: false,
    hint: 'glt_…77c0',
    createdBy: 'ada@harbourpine.coffee',
    createdAt: at(-9 * day),
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
  },
];
const entry = (n: number, action: string, over: Partial<Entry> = {}): Entry => ({
  id: `${n}`,
  at: at(-n * hour),
  actor: 'ada@harbourpine.coffee',
  actorKind: 'PERSON',
  action,
  subject: 'd-run',
  reason: null,
  requestId: null,
  ...over,
});

/** What the parts of the settings ask for. */
export const settings = () => ({
  People: {
    tenant: {
      id: 't-1',
      members,
      invitations: [
        {
          id: 'v-1',
          email: 'nina@harbourpine.coffee',
          role: 'VIEWER',
          invitedBy: 'ada@harbourpine.coffee',
          expiresAt: at(12 * day),
        },
      ],
    },
  },
  Tokens: { tenant: { id: 't-1', tokens } },
  Me: {
    viewer: {
      timeZone: 'Europe/Berlin',
      sessions: [
        { id: 's-1', createdAt: at(-day), lastUsedAt: at(0), userAgent: 'Chrome/156', current: true },
        {
          id: 's-2',
          createdAt: at(-9 * day),
          lastUsedAt: at(-3 * day),
          userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 20_0) Safari/605.1',
          current: false,
        },
      ],
    },
  },
  Mails: {
    viewer: {
      memberships: [
        {
          tenant: { id: 't-1' },
          mailPreferences: (['SCHEDULED', 'REMINDER', 'HELD', 'COMPLETED', 'FAILED'] as const).map((kind) => ({
            kind,
            wanted: kind !== 'COMPLETED',
            own: kind === 'COMPLETED' ? false : null,
            tenant: null,
          })),
        },
      ],
    },
  },
  Feeds: {
    tenant: {
      id: 't-1',
      calendarFeeds: [
        { id: 'f-1', createdBy: 'ada@harbourpine.coffee', hint: '…9f3c', createdAt: at(-9 * day), revokedAt: null },
      ],
    },
  },
  Audit: {
    tenant: {
      id: 't-1',
      auditState: { entries: 1204, verifiedAt: at(-20 * minute), brokenAt: null },
      auditLog: {
        nodes: [
          entry(1, 'deployment.started', { reason: 'Launch of the winter box' }),
          entry(3, 'stripe.connected', { subject: 't-1' }),
          entry(5, 'deployment.rolled_back'),
          entry(30, 'member.invited', { subject: 'v-1' }),
        ],
        pageInfo: { hasNextPage: true, endCursor: 'x' },
      },
    },
  },
});
