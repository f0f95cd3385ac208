import { graphql, type ResultOf } from '../api/graphql';

export const HomeQuery = graphql(`
  query Home($slug: String!) {
    tenant(slug: $slug) {
      id
      import { id finishedAt }
      attention(first: 10) {
        kind
        since
        message
        product { id name }
        deployment { id status }
        order { id }
      }
      deployments(first: 10, status: [PENDING, VALIDATING, DEPLOYING]) {
        nodes { id kind status waitReason turningBack cancelRequestedAt liveOutcome progressPercentage progressMessage requestedBy product { id name } }
      }
      upcoming(first: 5) {
        nodes { id kind status waitReason scheduledFor timeZone product { id name } }
      }
    }
  }
`);
export type HomeTenant = NonNullable<ResultOf<typeof HomeQuery>['tenant']>;

export const MetricsQuery = graphql(`
  query Metrics($slug: String!, $from: DateTime!, $to: DateTime!) {
    tenant(slug: $slug) {
      id
      metrics(from: $from, to: $to) {
        finished
        completed
        failed
        cancelled
        successRate
        medianSeconds
        immediate
        scheduled
        missed
        days { day completed failed cancelled }
        failedChecks { check deployments products }
        errors { category stripeCode count }
      }
    }
  }
`);
export type Metrics = NonNullable<ResultOf<typeof MetricsQuery>['tenant']>['metrics'];
