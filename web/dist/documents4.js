import{S as e}from"./shared.js";var t=e(`
  fragment DisputePart on Dispute {
    id
    status
    amount { amount currency }
    reason
    evidenceDueBy
    evidence
    submissions
    submittedAt
    stripeDisputeId
    createdAt
    order { id number mode customer }
    can { ok why }
  }
`),n=e(`
  query Disputes($slug: String!, $mode: StripeMode!, $after: String, $open: Boolean) {
    tenant(slug: $slug) {
      id
      disputes(mode: $mode, first: 50, after: $after, open: $open) {
        nodes { id status amount { amount currency } reason evidenceDueBy createdAt order { id number customer } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`),r=e(`
    query Dispute($id: ID!) {
      dispute(id: $id) { ...DisputePart }
    }
  `,[t]),i=e(`
    mutation SubmitEvidence($input: SubmitDisputeEvidenceInput!) {
      submitDisputeEvidence(input: $input) { dispute { ...DisputePart } userErrors { code message field } }
    }
  `,[t]);export{n,i as r,r as t};