import{S as e}from"./shared.js";var t=e(`
  query WebhookEvents($slug: String!, $mode: StripeMode!, $after: String, $status: [InboxStatus!]) {
    tenant(slug: $slug) {
      id
      webhookEvents(mode: $mode, first: 50, after: $after, status: $status) {
        nodes {
          id
          stripeEventId
          type
          status
          createdAt
          receivedAt
          appliedAt
          deliveries
          attempts
          source
          error
          order { id number }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`),n=e(`
  mutation ReplayWebhookEvents($input: ReplayWebhookEventsInput!) {
    replayWebhookEvents(input: $input) { replayed userErrors { code message field } }
  }
`),r=e(`
  mutation EnablePayments($input: EnablePaymentsInput!) {
    enablePayments(input: $input) {
      payments { mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }
      userErrors { code message field }
    }
  }
`),i=e(`
  mutation DisablePayments($input: DisablePaymentsInput!) {
    disablePayments(input: $input) {
      payments { mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }
      userErrors { code message field }
    }
  }
`);export{t as i,r as n,n as r,i as t};