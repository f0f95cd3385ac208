import { type FragmentOf, graphql } from '../api/graphql';

export const DisputePart = graphql(`
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
`);
export type Dispute = FragmentOf<typeof DisputePart>;

export const DisputesQuery = graphql(`
  query Disputes($slug: String!, $mode: StripeMode!, $after: String, $open: Boolean) {
    tenant(slug: $slug) {
      id
      disputes(mode: $mode, first: 50, after: $after, open: $open) {
        nodes { id status amount { amount currency } reason evidenceDueBy createdAt order { id number customer } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const DisputeQuery = graphql(
  `
    query Dispute($id: ID!) {
      dispute(id: $id) { ...DisputePart }
    }
  `,
  [DisputePart],
);

export const SubmitEvidence = graphql(
  `
    mutation SubmitEvidence($input: SubmitDisputeEvidenceInput!) {
      submitDisputeEvidence(input: $input) { dispute { ...DisputePart } userErrors { code message field } }
    }
  `,
  [DisputePart],
);
