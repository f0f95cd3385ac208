import { type FragmentOf, graphql, type ResultOf } from '../api/graphql';
import { InModePart } from '../bank/documents';

/** A product as it stands in a list. */
export const ProductRow = graphql(
  `
    fragment ProductRow on Product {
      id
      name
      stripeProductId
      liveStatus
      archivedInTest
      goneAt
      inTest { ...InModePart }
      inLive { ...InModePart }
      nextScheduled { id scheduledFor timeZone status waitReason kind }
      scheduledCount
      known { asOf count lines }
      activeDeployment { id kind status waitReason progressPercentage turningBack cancelRequestedAt }
    }
  `,
  [InModePart],
);
export type Row = FragmentOf<typeof ProductRow>;

export const ProductsQuery = graphql(
  `
    query Products($slug: String!, $first: Int!, $after: String, $search: String, $liveStatus: [LiveStatus!], $orderBy: ProductOrder!) {
      tenant(slug: $slug) {
        id
        products(first: $first, after: $after, search: $search, liveStatus: $liveStatus, orderBy: $orderBy) {
          nodes { ...ProductRow }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [ProductRow],
);

const ImportPart = graphql(`
  fragment ImportPart on Import { id by startedAt finishedAt read added changed gone error }
`);
export type Import = FragmentOf<typeof ImportPart>;

export const CountsQuery = graphql(
  `
    query ProductCounts($slug: String!) {
      tenant(slug: $slug) {
        id
        productCounts { liveStatus count }
        import { ...ImportPart }
      }
    }
  `,
  [ImportPart],
);

export const StartImport = graphql(
  `
    mutation StartImport($input: ImportProductsInput!) {
      startImport(input: $input) {
        import { ...ImportPart }
        userErrors { code message field }
      }
    }
  `,
  [ImportPart],
);

export const ImportChanged = graphql(
  `
    subscription ImportChanged($tenantId: ID!) {
      importChanged(tenantId: $tenantId) { ...ImportPart }
    }
  `,
  [ImportPart],
);

export const ProductQuery = graphql(
  `
    query Product($id: ID!) {
      product(id: $id) {
        ...ProductRow
        tenant { id slug }
        description
        testUrl
        liveUrl
        importedAt
        can { goLive { ok why } schedule { ok why } }
        prices { testId liveId active currency billingScheme amount { amount currency } lookupKey nickname interval intervalCount isDefault }
        deployments(first: 5) {
          nodes { id kind status waitReason liveOutcome turningBack cancelRequestedAt requestedBy createdAt finishedAt scheduledFor }
        }
      }
    }
  `,
  [ProductRow],
);
export type ProductDetail = NonNullable<ResultOf<typeof ProductQuery>['product']>;
