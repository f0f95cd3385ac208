import { graphql } from '../api/graphql';

export const ShellQuery = graphql(`
  query Shell {
    viewer {
      kind
      email
      name
      timeZone
      memberships {
        role
        tenant {
          id
          slug
          name
          timeZone
          now
          stripeConnections { mode accountId accountName keyHint problem connectedAt }
        }
      }
    }
  }
`);

export const ServiceQuery = graphql(`
  query Service {
    service { build pausedSince pausedReason simulator mailEnabled }
  }
`);

export const WhereQuery = graphql(`
  query Where($id: ID!) {
    deployment(id: $id) { id tenant { id slug } }
  }
`);
