import{S as e}from"./shared.js";import{t}from"./documents.js";import{n,t as r}from"./documents2.js";var i=e(`
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
`),a=e(`
  fragment StepPart on DeploymentStep {
    index action resource summary status attempts liveId stripeRequestId startedAt finishedAt
  }
`),o=e(`
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
  `,[i,a,r,n,t]),s=e(`
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
  `,[a,i]),c=e(`
  query Events($id: ID!, $after: Int!) {
    deployment(id: $id) {
      id
      events(after: $after, first: 100) { sequence at status percentage message }
    }
  }
`),l=e(`
    mutation CancelDeployment($input: CancelDeploymentInput!) {
      cancelDeployment(input: $input) {
        deployment { ...LivePart version can { cancel { ok why } rollBack { ok why } } }
        userErrors { code message field }
      }
    }
  `,[i]),u=e(`
    mutation DeployNow($input: DeployNowInput!) {
      deployNow(input: $input) {
        deployment { ...LivePart version trigger }
        userErrors { code message field }
      }
    }
  `,[i]),d=e(`
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
  `,[r]),f=e(`
    mutation RollBack($input: RollbackDeploymentInput!) {
      rollbackDeployment(input: $input) {
        deployment { ...LivePart product { id activeDeployment { id } } }
        userErrors { code message field }
      }
    }
  `,[i]);export{i as a,d as c,c as i,u as n,s as o,o as r,f as s,l as t};