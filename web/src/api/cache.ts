import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { isOver } from '../status/status';

/**
 * Values that belong to whatever holds them, and are no objects of their own: none has an id. The
 * cache knows that by itself; in development it wants to be told, so that nobody forgets a key.
 */
const embedded = !import.meta.env.DEV
  ? []
  : [
      'Attention',
      'AuditState',
      'BalanceTransactionConnection',
      'Can',
      'CategoryCount',
      'CheckCount',
      'CheckProblem',
      'CurrencyReconciliation',
      'DeploymentCan',
      'DeploymentConnection',
      'DeploymentEdge',
      'DeploymentError',
      'DeploymentEvent',
      'DeploymentStep',
      'DisputeConnection',
      'FieldChange',
      'GoLiveReview',
      'InMode',
      'JourneyStep',
      'KnownChanges',
      'LiveStatusCount',
      'MailPreference',
      'Membership',
      'MethodFees',
      'Metrics',
      'MetricsDay',
      'Money',
      'NotificationSettings',
      'OrderCan',
      'OrderConnection',
      'OrderEdge',
      'OrderEvent',
      'OrderLine',
      'PageInfo',
      'PaymentsModule',
      'PayoutConnection',
      'PayoutLine',
      'PhaseDuration',
      'Plan',
      'PlannedChange',
      'ProductCan',
      'ProductConnection',
      'ProductEdge',
      'Recipient',
      'Reconciliation',
      'ScheduleChange',
      'Service',
      'SignInWay',
      'StripeConnection',
      'TimeCandidate',
      'TimeReading',
      'UserError',
      'ValidationReport',
      'ValidationResult',
      'Viewer',
      'WebhookEventConnection',
      'WebhookEventEdge',
      'ZoneInfo',
    ];

const page = relayPagination();

/** Lists that a change may belong to are asked for again. Nothing else is written here: to do both loses answers. */
function forget(type: 'Tenant' | 'Product', fields: string[]) {
  return (_: unknown, __: unknown, cache: Cache) => {
    for (const { entityKey, fieldName, fieldKey } of [...held(cache, type)]) {
      if (fields.includes(fieldName)) cache.invalidate(entityKey, fieldKey);
    }
  };
}

/** The fields that the cache holds of the tenants and products it has seen. */
function* held(cache: Cache, type: string) {
  for (const entityKey of seen) {
    if (!entityKey.startsWith(`${type}:`)) continue;
    for (const { fieldName, fieldKey } of cache.inspectFields(entityKey)) yield { entityKey, fieldName, fieldKey };
  }
}

/**
 * News that a deployment is over: what was said of what can be done with it is older than that, and so
 * is an answer that's still on its way, because what was asked for first is filed below this.
 */
function over(deployment: unknown, cache: Cache) {
  const { id, status } = (deployment ?? {}) as { id?: string; status?: string };
  if (!id || !status || !isOver({ status })) return;
  const known = { __typename: 'Deployment', id };
  cache.link(known, 'can', `Deployment:${id}.can`); // because only what is linked is forgotten as a link
  cache.invalidate(known, 'can');
}

const seen = new Set<string>();
const noted = (type: string) => (data: Record<string, unknown>) => {
  if (typeof data.id !== 'string') return null;
  seen.add(`${type}:${data.id}`);
  return data.id;
};

const orders = forget('Tenant', ['orders', 'attention']);
const modules = forget('Tenant', ['payments', 'attention']);
const schedules = forget('Tenant', ['upcoming', 'deployments', 'attention']);

export const cache = cacheExchange({
  keys: {
    ...Object.fromEntries(embedded.map((name) => [name, () => null])),
    Price: (data) => data.testId as string,
    Tenant: noted('Tenant'),
    Product: noted('Product'),
  },
  resolvers: {
    Tenant: {
      products: page,
      deployments: page,
      upcoming: page,
      auditLog: page,
      orders: page,
      disputes: page,
      payouts: page,
      webhookEvents: page,
    },
    Product: { deployments: page },
    Payout: { balanceTransactions: page },
  },
  updates: {
    Mutation: {
      startImport: forget('Tenant', ['import']),
      goLive: schedules,
      scheduleGoLive: schedules,
      rescheduleDeployment: schedules,
      deployNow: schedules,
      cancelDeployment: schedules,
      rollbackDeployment: schedules,
      connectStripe: forget('Tenant', ['stripeConnections', 'attention']),
      inviteMember: forget('Tenant', ['invitations']),
      withdrawInvitation: forget('Tenant', ['invitations']),
      removeMember: forget('Tenant', ['members']),
      createOrder: orders,
      startCheckout: orders,
      captureOrder: orders,
      cancelOrder: orders,
      fulfillOrder: orders,
      refundOrder: orders,
      submitDisputeEvidence: forget('Tenant', ['disputes', 'attention']),
      enablePayments: modules,
      disablePayments: modules,
      replayWebhookEvents: forget('Tenant', ['webhookEvents', 'payments', 'attention']),
      createToken: forget('Tenant', ['tokens']),
      revokeToken: forget('Tenant', ['tokens']),
    },
    Subscription: {
      deploymentsChanged: (data, _, cache) => over(data.deploymentsChanged, cache),
      deploymentProgress: (data, _, cache) =>
        over((data.deploymentProgress as { deployment?: unknown } | null)?.deployment, cache),
    },
  },
});
