import { graphql, type ResultOf, type VariablesOf } from '../api/graphql';

export const WebhookEvents = graphql(`
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
`);
export type WebhookEvent = NonNullable<ResultOf<typeof WebhookEvents>['tenant']>['webhookEvents']['nodes'][number];
export type Statuses = VariablesOf<typeof WebhookEvents>['status'];

export const ReplayWebhookEvents = graphql(`
  mutation ReplayWebhookEvents($input: ReplayWebhookEventsInput!) {
    replayWebhookEvents(input: $input) { replayed userErrors { code message field } }
  }
`);

export const EnablePayments = graphql(`
  mutation EnablePayments($input: EnablePaymentsInput!) {
    enablePayments(input: $input) {
      payments { mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }
      userErrors { code message field }
    }
  }
`);

export const DisablePayments = graphql(`
  mutation DisablePayments($input: DisablePaymentsInput!) {
    disablePayments(input: $input) {
      payments { mode enabled since webhookEndpointId origins problem oldestUnappliedSeconds deadEvents }
      userErrors { code message field }
    }
  }
`);
