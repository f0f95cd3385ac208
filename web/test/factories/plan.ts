import type { Change, Check } from '../../src/plan/documents';

export const change = (over: Partial<Change> = {}): Change => ({
  action: 'CREATE',
  resource: 'price',
  testId: 'price_test',
  liveId: null,
  summary: 'Create price €12.00 per month',
  label: 'Monthly price',
  reversible: true,
  rollbackNote: null,
  replacesLiveId: null,
  amountBefore: null,
  amountAfter: null,
  fields: [],
  ...over,
});

export const check = (over: Partial<Check> = {}): Check => ({
  check: 'product_name',
  group: 'PRODUCT',
  status: 'PASSED',
  message: 'The name is set.',
  couldNotRun: false,
  problems: [],
  ...over,
});

export function results() {
  const passed = [
    'product_exists',
    'product_name',
    'product_price',
    'default_price',
    'lookup_keys',
    'metadata',
    'stripe_integration',
    'production_config',
    'key_permissions',
    'key_mode',
    'same_account',
    'account_ready',
    'webhook_endpoint',
    'live_conflict',
    'drift',
  ];
  return passed.map((name) => check({ check: name, message: 'As it should be.' }));
}
