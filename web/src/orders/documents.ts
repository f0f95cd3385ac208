import { type FragmentOf, graphql, type ResultOf, type VariablesOf } from '../api/graphql';

/** An order as it stands in a list. */
export const OrderRow = graphql(`
  fragment OrderRow on Order {
    id
    number
    mode
    reference
    customer
    status
    attention
    total { amount currency }
    refunded { amount currency }
    createdAt
  }
`);
export type Row = FragmentOf<typeof OrderRow>;

export const OrdersQuery = graphql(
  `
    query Orders($slug: String!, $mode: StripeMode!, $first: Int!, $after: String, $status: [OrderStatus!], $attention: Boolean, $customer: String, $search: String) {
      tenant(slug: $slug) {
        id
        orders(mode: $mode, first: $first, after: $after, status: $status, attention: $attention, customer: $customer, search: $search) {
          nodes { ...OrderRow }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [OrderRow],
);
export type Statuses = VariablesOf<typeof OrdersQuery>['status'];

/** Whether orders can be created and paid, and what needs somebody. */
export const ModuleQuery = graphql(`
  query PaymentsModule($slug: String!, $mode: StripeMode!) {
    tenant(slug: $slug) {
      id
      payments(mode: $mode) { mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }
    }
  }
`);
export type Module = NonNullable<ResultOf<typeof ModuleQuery>['tenant']>['payments'];

export const OrdersChanged = graphql(
  `
    subscription OrdersChanged($tenantId: ID!, $mode: StripeMode!, $since: DateTime) {
      ordersChanged(tenantId: $tenantId, mode: $mode, since: $since) { ...OrderRow }
    }
  `,
  [OrderRow],
);

/** All that an order's page shows, but its history. */
export const OrderDetail = graphql(
  `
    fragment OrderDetail on Order {
      ...OrderRow
      email
      version
      lines { name priceId lookupKey quantity unitAmount { amount currency } amount { amount currency } }
      authorized { amount currency }
      captured { amount currency }
      disputed { amount currency }
      expiresAt
      paidAt
      fulfilledAt
      completedAt
      cancelReason
      metadata
      payments {
        id
        status
        flow
        captureMethod
        amount { amount currency }
        captured { amount currency }
        fee { amount currency }
        method
        last4
        declineCode
        message
        stripePaymentIntentId
        stripeSessionId
        createdAt
      }
      refunds { id paymentId status amount { amount currency } reason source stripeRefundId failureReason requestedBy createdAt }
      disputes { id status amount { amount currency } reason evidenceDueBy submissions stripeDisputeId createdAt }
      can { pay { ok why } capture { ok why } refund { ok why } cancel { ok why } fulfill { ok why } }
    }
  `,
  [OrderRow],
);
export type Order = FragmentOf<typeof OrderDetail>;

export const OrderQuery = graphql(
  `
    query Order($id: ID!) {
      order(id: $id) {
        ...OrderDetail
        tenant { id slug }
      }
    }
  `,
  [OrderDetail],
);

export const OrderEvents = graphql(`
  query OrderEvents($id: ID!, $after: Int!) {
    order(id: $id) {
      id
      events(after: $after, first: 100) { sequence at status message actor }
    }
  }
`);
export type Event = NonNullable<ResultOf<typeof OrderEvents>['order']>['events'][number];

export const OrderChanged = graphql(
  `
    subscription OrderChanged($id: ID!, $after: Int) {
      orderChanged(orderId: $id, after: $after) {
        sequence
        at
        status
        message
        actor
        order { ...OrderDetail }
      }
    }
  `,
  [OrderDetail],
);

/** Prices to sell, by their product's name. */
export const SellableQuery = graphql(`
  query Sellable($slug: String!, $search: String) {
    tenant(slug: $slug) {
      id
      products(first: 20, search: $search, orderBy: NAME) {
        nodes {
          id
          name
          prices { testId liveId active currency billingScheme amount { amount currency } lookupKey nickname interval intervalCount }
        }
      }
    }
  }
`);
export type Sellable = NonNullable<ResultOf<typeof SellableQuery>['tenant']>['products']['nodes'][number];

export const CreateOrder = graphql(
  `
    mutation CreateOrder($input: CreateOrderInput!) {
      createOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,
  [OrderDetail],
);

export const StartCheckout = graphql(
  `
    mutation StartCheckout($input: StartCheckoutInput!) {
      startCheckout(input: $input) {
        order { ...OrderDetail }
        payment { id status message }
        checkoutUrl
        userErrors { code message field }
      }
    }
  `,
  [OrderDetail],
);

export const CaptureOrder = graphql(
  `
    mutation CaptureOrder($input: CaptureOrderInput!) {
      captureOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,
  [OrderDetail],
);

export const CancelOrder = graphql(
  `
    mutation CancelOrder($input: CancelOrderInput!) {
      cancelOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,
  [OrderDetail],
);

export const FulfillOrder = graphql(
  `
    mutation FulfillOrder($input: FulfillOrderInput!) {
      fulfillOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,
  [OrderDetail],
);

export const RefundOrder = graphql(
  `
    mutation RefundOrder($input: RefundOrderInput!) {
      refundOrder(input: $input) { refund { id status } order { ...OrderDetail } userErrors { code message field } }
    }
  `,
  [OrderDetail],
);
