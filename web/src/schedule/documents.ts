import { graphql, type ResultOf } from '../api/graphql';
import { CheckPart } from '../plan/documents';

export const ReadTime = graphql(`
  query ReadTime(
    $text: String
    $localTime: LocalDateTime
    $timeZone: TimeZone!
    $viewerZone: TimeZone
    $disambiguation: Disambiguation
  ) {
    readTime(
      text: $text
      localTime: $localTime
      timeZone: $timeZone
      viewerZone: $viewerZone
      disambiguation: $disambiguation
    ) {
      timeZone
      localTime
      resolution
      words
      viewerWords
      relative
      candidates { instant utcOffset disambiguation }
      problem { code message }
    }
  }
`);
export type Reading = ResultOf<typeof ReadTime>['readTime'];

export const Zones = graphql(`
  query Zones {
    timeZones { name cities utcOffset }
  }
`);
export type ZoneInfo = ResultOf<typeof Zones>['timeZones'][number];

export const OthersQuery = graphql(`
  query OtherSchedules($slug: String!, $productId: ID!) {
    tenant(slug: $slug) {
      id
      upcoming(first: 6, productId: $productId) { nodes { id scheduledFor timeZone status waitReason } }
    }
  }
`);

export const ScheduleGoLive = graphql(
  `
    mutation ScheduleGoLive($input: ScheduleGoLiveInput!) {
      scheduleGoLive(input: $input) {
        deployment {
          id
          status
          waitReason
          scheduledFor
          timeZone
          product { id scheduledCount nextScheduled { id scheduledFor timeZone status waitReason kind } }
        }
        validation { ok results { ...CheckPart } }
        timeCandidates { instant utcOffset disambiguation }
        userErrors { code message field }
      }
    }
  `,
  [CheckPart],
);

export const Reschedule = graphql(`
  mutation Reschedule($input: RescheduleDeploymentInput!) {
    rescheduleDeployment(input: $input) {
      deployment { id status waitReason scheduledFor timeZone localTime version lastChange { by at what } }
      timeCandidates { instant utcOffset disambiguation }
      userErrors { code message field }
    }
  }
`);

export const NewestVersion = graphql(`
  query NewestVersion($id: ID!) {
    deployment(id: $id) { id version scheduledFor timeZone lastChange { by at what } }
  }
`);
