import { type FragmentOf, graphql } from '../api/graphql';

/** What stands in one mode. */
export const InModePart = graphql(`
  fragment InModePart on InMode {
    name
    active
    price { amount currency }
    prices
    interval
    intervalCount
    asOf
  }
`);
export type InMode = FragmentOf<typeof InModePart>;
