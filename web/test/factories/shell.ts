import type { Service, Viewer } from '../../src/shell/context';
import { at, day } from './time';

type Connection = Viewer['memberships'][number]['tenant']['stripeConnections'][number];

const connection = (mode: 'TEST' | 'LIVE'): Connection => ({
  mode,
  accountId: 'acct_1HarbourPine',
  accountName: 'Harbour & Pine',
  keyHint: mode === 'LIVE' ? 'rk_live_…9f2c' : 'rk_test_…77ab',
  problem: null,
  connectedAt: at(-90 * day),
});

export const viewer = (
  over: { role?: 'ADMIN' | 'DEPLOYER' | 'VIEWER'; connections?: Connection[]; tenants?: string[] } = {},
): Viewer => ({
  kind: 'PERSON',
  email: 'ada@harbourpine.coffee',
  name: 'Ada',
  timeZone: 'Europe/Berlin',
  memberships: (over.tenants ?? ['Harbour & Pine']).map((name, i) => ({
    role: over.role ?? 'ADMIN',
    tenant: {
      id: `t-${i + 1}`,
      slug: i === 0 ? 'harbour' : `other-${i}`,
      name,
      timeZone: 'Europe/Berlin',
      now: at(0),
      stripeConnections: over.connections ?? [connection('TEST'), connection('LIVE')],
    },
  })),
});

export const service = (over: Partial<Service> = {}): Service => ({
  build: 'v1.0.0',
  pausedSince: null,
  pausedReason: null,
  simulator: false,
  mailEnabled: true,
  ...over,
});
