import type { Past } from '../../src/history/documents';
import type { Scheduled } from '../../src/upcoming/documents';
import { at, day, hour, minute } from './time';

export const past = (over: Partial<Past> = {}): Past => ({
  id: `d-${Math.random()}`,
  kind: 'GO_LIVE',
  trigger: 'IMMEDIATE',
  status: 'COMPLETED',
  waitReason: null,
  liveOutcome: null,
  turningBack: false,
  cancelRequestedAt: null,
  requestedBy: 'ada@harbourpine.coffee',
  reason: null,
  createdAt: at(-hour),
  startedAt: at(-hour),
  finishedAt: at(-hour + 12_000),
  product: { id: 'p-1', name: 'Barista at Home' },
  ...over,
});

export const pasts = () => [
  past({ reason: 'Launch of the winter box' }),
  past({
    status: 'FAILED',
    liveOutcome: 'RESTORED',
    requestedBy: 'dan@harbourpine.coffee',
    product: { id: 'p-2', name: 'Espresso Blend, 1 kg' },
  }),
  past({ kind: 'ROLLBACK', createdAt: at(-day), startedAt: at(-day), finishedAt: at(-day + 4 * minute) }),
  past({ status: 'ROLLED_BACK', createdAt: at(-2 * day), startedAt: at(-2 * day), finishedAt: at(-2 * day + 9000) }),
  past({
    status: 'FAILED',
    liveOutcome: 'PARTIAL',
    product: { id: 'p-4', name: 'Cold Brew Kit' },
    createdAt: at(-6 * day),
    startedAt: at(-6 * day),
    finishedAt: at(-6 * day + minute),
  }),
  past({
    status: 'CANCELLED',
    liveOutcome: 'UNCHANGED',
    startedAt: null,
    trigger: 'SCHEDULED',
    createdAt: at(-9 * day),
    finishedAt: at(-8 * day),
  }),
];

const yes = { ok: true, why: null };
export const upcoming = (over: Partial<Scheduled> = {}): Scheduled => ({
  id: `s-${Math.random()}`,
  kind: 'GO_LIVE',
  status: 'SCHEDULED',
  waitReason: 'DUE_TIME',
  liveOutcome: null,
  turningBack: false,
  cancelRequestedAt: null,
  scheduledFor: at(4 * day),
  localTime: null,
  timeZone: 'Europe/Berlin',
  timeResolution: 'UNIQUE',
  version: 1,
  requestedBy: 'ada@harbourpine.coffee',
  reason: null,
  progressMessage: 'Scheduled',
  lastChange: null,
  product: { id: 'p-1', name: 'Barista at Home' },
  can: { cancel: yes, reschedule: yes, deployNow: yes },
  ...over,
});

export const upcomings = () => [
  upcoming({ waitReason: 'MISSED', scheduledFor: at(-2 * hour), product: { id: 'p-4', name: 'Cold Brew Kit' } }),
  upcoming({
    waitReason: 'CHANGED_SINCE_SCHEDULED',
    scheduledFor: at(-20 * minute),
    product: { id: 'p-2', name: 'Espresso Blend, 1 kg' },
  }),
  upcoming({ scheduledFor: at(42 * minute), product: { id: 'p-3', name: 'Filter Subscription' } }),
  upcoming({ timeZone: 'America/New_York' }),
  upcoming({
    scheduledFor: at(25 * day),
    product: { id: 'p-5', name: 'Tasting in Kyoto with a name so long that it needs more room than there is' },
  }),
];
