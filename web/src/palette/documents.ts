import { graphql } from '../api/graphql';

export const PaletteQuery = graphql(`
  query Palette($slug: String!, $search: String!) {
    tenant(slug: $slug) {
      id
      products(first: 8, search: $search, orderBy: NAME) {
        nodes { id name stripeProductId }
      }
      deployments(first: 5, search: $search) {
        nodes { id kind createdAt product { id name } }
      }
    }
  }
`);
