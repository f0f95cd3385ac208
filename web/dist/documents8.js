import{S as e}from"./shared.js";import{t}from"./documents.js";var n=e(`
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
  `,[t]),r=e(`
    query Products($slug: String!, $first: Int!, $after: String, $search: String, $liveStatus: [LiveStatus!], $orderBy: ProductOrder!) {
      tenant(slug: $slug) {
        id
        products(first: $first, after: $after, search: $search, liveStatus: $liveStatus, orderBy: $orderBy) {
          nodes { ...ProductRow }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,[n]),i=e(`
  fragment ImportPart on Import { id by startedAt finishedAt read added changed gone error }
`),a=e(`
    query ProductCounts($slug: String!) {
      tenant(slug: $slug) {
        id
        productCounts { liveStatus count }
        import { ...ImportPart }
      }
    }
  `,[i]),o=e(`
    mutation StartImport($input: ImportProductsInput!) {
      startImport(input: $input) {
        import { ...ImportPart }
        userErrors { code message field }
      }
    }
  `,[i]),s=e(`
    subscription ImportChanged($tenantId: ID!) {
      importChanged(tenantId: $tenantId) { ...ImportPart }
    }
  `,[i]),c=e(`
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
  `,[n]);export{o as a,r as i,s as n,c as r,a as t};