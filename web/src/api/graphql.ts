import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './env';

/** Documents are typed by the server's schema as they stand. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; LocalDateTime: string; TimeZone: string; JSON: unknown };
}>();
export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
