import{S as e}from"./shared.js";var t=e(`
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
`),n=e(`
    query Orders($slug: String!, $mode: StripeMode!, $first: Int!, $after: String, $status: [OrderStatus!], $attention: Boolean, $customer: String, $search: String) {
      tenant(slug: $slug) {
        id
        orders(mode: $mode, first: $first, after: $after, status: $status, attention: $attention, customer: $customer, search: $search) {
          nodes { ...OrderRow }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,[t]),r=e(`
  query PaymentsModule($slug: String!, $mode: StripeMode!) {
    tenant(slug: $slug) {
      id
      payments(mode: $mode) { mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }
    }
  }
`),i=e(`
    subscription OrdersChanged($tenantId: ID!, $mode: StripeMode!, $since: DateTime) {
      ordersChanged(tenantId: $tenantId, mode: $mode, since: $since) { ...OrderRow }
    }
  `,[t]),a=e(`
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
  `,[t]),o=e(`
    query Order($id: ID!) {
      order(id: $id) {
        ...OrderDetail
        tenant { id slug }
      }
    }
  `,[a]),s=e(`
  query OrderEvents($id: ID!, $after: Int!) {
    order(id: $id) {
      id
      events(after: $after, first: 100) { sequence at status message actor }
    }
  }
`),c=e(`
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
  `,[a]),l=e(`
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
`),u=e(`
    mutation CreateOrder($input: CreateOrderInput!) {
      createOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,[a]),d=e(`
    mutation StartCheckout($input: StartCheckoutInput!) {
      startCheckout(input: $input) {
        order { ...OrderDetail }
        payment { id status message }
        checkoutUrl
        userErrors { code message field }
      }
    }
  `,[a]),f=e(`
    mutation CaptureOrder($input: CaptureOrderInput!) {
      captureOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,[a]),p=e(`
    mutation CancelOrder($input: CancelOrderInput!) {
      cancelOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,[a]),m=e(`
    mutation FulfillOrder($input: FulfillOrderInput!) {
      fulfillOrder(input: $input) { order { ...OrderDetail } userErrors { code message field } }
    }
  `,[a]),h=e(`
    mutation RefundOrder($input: RefundOrderInput!) {
      refundOrder(input: $input) { refund { id status } order { ...OrderDetail } userErrors { code message field } }
    }
  `,[a]);export{r as a,o as c,h as d,l as f,m as i,i as l,f as n,c as o,d as p,u as r,s,p as t,n as u};