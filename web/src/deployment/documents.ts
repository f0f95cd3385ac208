import { type FragmentOf, graphql, type ResultOf } from '../api/graphql';
import { InModePart } from '../bank/documents';
import { ChangePart, CheckPart } from '../plan/documents';

/** What changes while it runs. */
export const LivePart = graphql(`
  fragment LivePart on Deployment {
    id
    kind
    status
    waitReason
    liveOutcome
    turningBack
    cancelRequestedAt
    progressPercentage
    progressMessage
    lastSequence
    retryAt
    startedAt
    finishedAt
  }
`);

export const StepPart = graphql(`
  fragment StepPart on DeploymentStep {
    index action resource summary status attempts liveId stripeRequestId startedAt finishedAt
  }
`);
export type Step = FragmentOf<typeof StepPart>;

export const DeploymentQuery = graphql(
  `
    query Deployment($id: ID!) {
      deployment(id: $id) {
        ...LivePart
        trigger
        requestedBy
        startedBy
        reason
        adopt
        createdAt
        scheduledFor
        timeZone
        lateSeconds
        version
        cancelRequestedBy
        lastChange { by at what }
        notifications { email remindBeforeMinutes recipients }
        product {
          id
          name
          liveUrl
          archivedInTest
          inTest { ...InModePart }
          inLive { ...InModePart }
        }
        steps { ...StepPart }
        plan { hash isEmpty changes { ...ChangePart } }
        validation { ok checkedAt results { ...CheckPart } }
        error { category message stripeCode stripeRequestId stepIndex hint }
        rollbackOf { id createdAt }
        rolledBackBy { id requestedBy createdAt }
        can {
          cancel { ok why }
          rollBack { ok why }
          tryAgain { ok why }
          reschedule { ok why }
          deployNow { ok why }
        }
      }
    }
  `,
  [LivePart, StepPart, ChangePart, CheckPart, InModePart],
);
export type Deployment = NonNullable<ResultOf<typeof DeploymentQuery>['deployment']>;

export const Progress = graphql(
  `
    subscription Progress($id: ID!, $after: Int) {
      deploymentProgress(deploymentId: $id, after: $after) {
        sequence
        at
        status
        percentage
        message
        terminal
        steps { ...StepPart }
        deployment { ...LivePart }
      }
    }
  `,
  [StepPart, LivePart],
);
export type Event = ResultOf<typeof Progress>['deploymentProgress'];

export const EventsQuery = graphql(`
  query Events($id: ID!, $after: Int!) {
    deployment(id: $id) {
      id
      events(after: $after, first: 100) { sequence at status percentage message }
    }
  }
`);

export const CancelDeployment = graphql(
  `
    mutation CancelDeployment($input: CancelDeploymentInput!) {
      cancelDeployment(input: $input) {
        deployment { ...LivePart version can { cancel { ok why } rollBack { ok why } } }
        userErrors { code message field }
      }
    }
  `,
  [LivePart],
);

export const DeployNow = graphql(
  `
    mutation DeployNow($input: DeployNowInput!) {
      deployNow(input: $input) {
        deployment { ...LivePart version trigger }
        userErrors { code message field }
      }
    }
  `,
  [LivePart],
);

export const RollbackPlan = graphql(
  `
    query RollbackPlan($id: ID!) {
      planRollback(deploymentId: $id) {
        hash
        isEmpty
        notes
        passedOver { id createdAt }
        changes { ...ChangePart }
      }
      deployment(id: $id) { id product { id scheduledCount } }
    }
  `,
  [ChangePart],
);

export const RollBack = graphql(
  `
    mutation RollBack($input: RollbackDeploymentInput!) {
      rollbackDeployment(input: $input) {
        deployment { ...LivePart product { id activeDeployment { id } } }
        userErrors { code message field }
      }
    }
  `,
  [LivePart],
);
