import { graphql, type ResultOf } from '../api/graphql';
import { LivePart } from '../deployment/documents';
import { ChangePart, CheckPart } from '../plan/documents';

export const ReviewQuery = graphql(
  `
    query Review($productId: ID!, $adopt: Boolean!) {
      reviewGoLive(productId: $productId, adopt: $adopt) {
        validation { ok checkedAt results { ...CheckPart } }
        plan { hash isEmpty changes { ...ChangePart } }
        scheduled { id scheduledFor timeZone }
        liveAccount { mode accountId accountName }
      }
    }
  `,
  [ChangePart, CheckPart],
);
export type Review = NonNullable<ResultOf<typeof ReviewQuery>['reviewGoLive']>;

export const GoLive = graphql(
  `
    mutation GoLive($input: GoLiveInput!) {
      goLive(input: $input) {
        deployment { ...LivePart product { id activeDeployment { id } } }
        userErrors { code message field }
      }
    }
  `,
  [LivePart],
);

export const NoteJourney = graphql(`
  mutation NoteJourney($input: NoteJourneyInput!) {
    noteJourney(input: $input) { userErrors { code message } }
  }
`);
