import { Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { address } from './base';
import { cache } from './cache';
import { problemOf } from './errors';
import { setLink } from './link';
import type { Operation, Sink } from './socket';

export const client = new Client({
  url: address('/graphql'),
  preferGetMethod: false,
  requestPolicy: 'cache-and-network',
  fetchOptions: {
    credentials: 'same-origin',
    headers: { Accept: 'application/graphql-response+json, application/json' },
  },
  exchanges: [
    mapExchange({
      onResult(result) {
        if (result.operation.kind === 'subscription') return;
        if (!result.error) setLink('open');
        else if (problemOf(result.error).code === 'UNAUTHENTICATED') setLink('ended');
      },
    }),
    cache,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: follow({ query: query ?? '', variables: variables as Record<string, unknown> }, sink as never),
        }),
      }),
    }),
  ],
});

/** Subscribes by a socket, whose code is fetched when it is first wanted. */
function follow(operation: Operation, sink: Sink): () => void {
  let stop: (() => void) | undefined;
  let over = false;
  const begin = () =>
    void import('./socket').then(
      ({ subscribe }) => {
        if (!over) stop = subscribe(operation, sink);
      },
      () => !over && setTimeout(begin, 2000),
    );
  begin();
  return () => {
    over = true;
    stop?.();
  };
}
