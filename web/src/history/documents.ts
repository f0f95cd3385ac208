import { graphql, type ResultOf, type VariablesOf } from '../api/graphql';

export const HistoryQuery = graphql(`
  query History($slug: String!, $first: Int!, $after: String, $status: [DeploymentStatus!], $since: DateTime, $search: String) {
    tenant(slug: $slug) {
      id
      deployments(first: $first, after: $after, status: $status, since: $since, search: $search) {
        nodes {
          id
          kind
          trigger
          status
          waitReason
          liveOutcome
          turningBack
          cancelRequestedAt
          requestedBy
          reason
          createdAt
          startedAt
          finishedAt
          product { id name }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
export type Past = NonNullable<ResultOf<typeof HistoryQuery>['tenant']>['deployments']['nodes'][number];
export type Statuses = VariablesOf<typeof HistoryQuery>['status'];
