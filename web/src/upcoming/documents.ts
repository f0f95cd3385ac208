import { graphql, type ResultOf } from '../api/graphql';

export const UpcomingQuery = graphql(`
  query Upcoming($slug: String!, $first: Int!, $after: String, $from: DateTime, $to: DateTime) {
    tenant(slug: $slug) {
      id
      now
      upcoming(first: $first, after: $after, from: $from, to: $to) {
        nodes {
          id
          kind
          status
          waitReason
          liveOutcome
          turningBack
          cancelRequestedAt
          scheduledFor
          localTime
          timeZone
          timeResolution
          version
          requestedBy
          reason
          progressMessage
          lastChange { by at what }
          product { id name }
          can { cancel { ok why } reschedule { ok why } deployNow { ok why } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
export type Scheduled = NonNullable<ResultOf<typeof UpcomingQuery>['tenant']>['upcoming']['nodes'][number];

export const Changed = graphql(`
  subscription Changed($tenantId: ID!, $since: DateTime) {
    deploymentsChanged(tenantId: $tenantId, since: $since) {
      id
      kind
      status
      waitReason
      liveOutcome
      turningBack
      cancelRequestedAt
      scheduledFor
      localTime
      timeZone
      version
      progressPercentage
      progressMessage
      lastChange { by at what }
      product { id }
    }
  }
`);
