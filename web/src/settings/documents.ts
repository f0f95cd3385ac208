import { graphql, type ResultOf } from '../api/graphql';

export const PeopleQuery = graphql(`
  query People($slug: String!) {
    tenant(slug: $slug) {
      id
      members { id email name role since }
      invitations { id email role invitedBy expiresAt }
    }
  }
`);
export type Member = NonNullable<ResultOf<typeof PeopleQuery>['tenant']>['members'][number];

export const InviteMember = graphql(`
  mutation InviteMember($input: InviteMemberInput!) {
    inviteMember(input: $input) { invitation { id email } userErrors { code message field } }
  }
`);
export const WithdrawInvitation = graphql(`
  mutation WithdrawInvitation($input: WithdrawInvitationInput!) {
    withdrawInvitation(input: $input) { invitation { id } userErrors { code message field } }
  }
`);
export const SetMemberRole = graphql(`
  mutation SetMemberRole($input: SetMemberRoleInput!) {
    setMemberRole(input: $input) { member { id role } schedulesAffected { id } userErrors { code message field } }
  }
`);
export const RemoveMember = graphql(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    removeMember(input: $input) { member { id } schedulesAffected { id } userErrors { code message field } }
  }
`);

export const TokensQuery = graphql(`
  query Tokens($slug: String!) {
    tenant(slug: $slug) {
      id
      tokens { id name email role service hint createdBy createdAt lastUsedAt expiresAt revokedAt }
    }
  }
`);
export type Token = NonNullable<ResultOf<typeof TokensQuery>['tenant']>['tokens'][number];

export const CreateToken = graphql(`
  mutation CreateToken($input: CreateTokenInput!) {
    createToken(input: $input) { token { id } secret userErrors { code message field } }
  }
`);
export const RevokeToken = graphql(`
  mutation RevokeToken($input: RevokeTokenInput!) {
    revokeToken(input: $input) { token { id revokedAt } userErrors { code message field } }
  }
`);

export const MeQuery = graphql(`
  query Me {
    viewer {
      timeZone
      sessions { id createdAt lastUsedAt userAgent current }
    }
  }
`);
export const SetTimeZone = graphql(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    setTimeZone(input: $input) { viewer { timeZone } userErrors { code message field } }
  }
`);
export const EndSession = graphql(`
  mutation EndSession($input: EndSessionInput!) {
    endSession(input: $input) { ended userErrors { code message field } }
  }
`);

export const AuditQuery = graphql(`
  query Audit($slug: String!, $after: String) {
    tenant(slug: $slug) {
      id
      auditState { entries verifiedAt brokenAt }
      auditLog(first: 50, after: $after) {
        nodes { id at actor actorKind action subject reason requestId }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
export type Entry = NonNullable<ResultOf<typeof AuditQuery>['tenant']>['auditLog']['nodes'][number];

export const CheckStripeKey = graphql(`
  mutation CheckStripeKey($input: ConnectStripeInput!) {
    checkStripeKey(input: $input) { accountId accountName mode userErrors { code message field } }
  }
`);
export const ConnectStripe = graphql(`
  mutation ConnectStripe($input: ConnectStripeInput!) {
    connectStripe(input: $input) {
      connection { mode accountId accountName keyHint problem connectedAt }
      userErrors { code message field }
    }
  }
`);

export const MailsQuery = graphql(`
  query Mails {
    viewer {
      memberships { tenant { id } mailPreferences { kind wanted own tenant } }
    }
  }
`);
export type Preference = ResultOf<typeof MailsQuery>['viewer']['memberships'][number]['mailPreferences'][number];
export const SetMailPreferences = graphql(`
  mutation SetMailPreferences($input: SetMailPreferencesInput!) {
    setMailPreferences(input: $input) { preferences { kind wanted own tenant } userErrors { code message field } }
  }
`);

export const FeedsQuery = graphql(`
  query Feeds($slug: String!) {
    tenant(slug: $slug) { id calendarFeeds { id createdBy hint createdAt revokedAt } }
  }
`);
export type Feed = NonNullable<ResultOf<typeof FeedsQuery>['tenant']>['calendarFeeds'][number];
export const CreateFeed = graphql(`
  mutation CreateCalendarFeed($input: CreateCalendarFeedInput!) {
    createCalendarFeed(input: $input) { feed { id } url userErrors { code message field } }
  }
`);
export const RevokeFeed = graphql(`
  mutation RevokeCalendarFeed($input: RevokeCalendarFeedInput!) {
    revokeCalendarFeed(input: $input) { feed { id revokedAt } userErrors { code message field } }
  }
`);
