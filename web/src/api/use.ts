import type { TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type AnyVariables, type RequestPolicy, useClient, useQuery } from 'urql';
import { oneAtATime } from './again';
import { type Problem, problemOf, type UserError } from './errors';

export type Read<D> = { data: D | undefined; loading: boolean; problem: Problem | undefined; again: () => void };

/** Asks for something, and keeps showing what was known while it asks again. */
export function useRead<D, V extends AnyVariables>(
  query: TypedDocumentNode<D, V>,
  variables: V,
  options: { pause?: boolean; policy?: RequestPolicy } = {},
): Read<D> {
  const [{ data, fetching, stale, error }] = useQuery<D, V>({
    query,
    variables,
    pause: options.pause,
    requestPolicy: options.policy,
  } as Parameters<typeof useQuery<D, V>>[0]);
  // A list that was forgotten, because something has changed it, is no answer until it's read again.
  const key = JSON.stringify(variables);
  const [kept, keep] = useState<{ key: string; data: D }>();
  if (data && (kept?.data !== data || kept.key !== key)) keep({ key, data });
  const known = data ?? (kept?.key === key ? kept.data : undefined);
  const client = useClient();
  const onItsWay = useRef(false);
  useEffect(() => {
    onItsWay.current = fetching || stale;
  });
  // While an answer is on its way, the client asks for no other and gives that one.
  const ask = useMemo(
    () =>
      oneAtATime(() => client.query<D, V>(query, JSON.parse(key) as V, { requestPolicy: 'network-only' }).toPromise()),
    [client, query, key],
  );
  const again = useCallback(() => ask(onItsWay.current), [ask]);
  // The cache sometimes leaves it at that, where it's asking for the same already.
  const forgotten = data === null && !fetching && !error;
  useEffect(() => {
    if (forgotten) again();
  }, [forgotten, again]);
  return { data: known, loading: fetching || stale, problem: error && !known ? problemOf(error) : undefined, again };
}

export type Answer<P> = {
  payload: P | undefined;
  /** What the caller can mend, by field or as a whole. */
  userErrors: UserError[];
  problem: Problem | undefined;
  /** All of it in one sentence, null where it went well. */
  words: string | null;
};

type Payload<D> = NonNullable<D[keyof D]>;

/** Does something. Its answer says what went wrong in words; nothing is thrown. */
export function useAct<D, V extends AnyVariables>(mutation: TypedDocumentNode<D, V>) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const act = useCallback(
    async (variables: V): Promise<Answer<Payload<D>>> => {
      setBusy(true);
      const { data, error } = await client.mutation<D, V>(mutation, variables).toPromise();
      setBusy(false);
      const payload = data ? (Object.values(data as object)[0] as Payload<D> | undefined) : undefined;
      const userErrors = (payload as { userErrors?: UserError[] } | undefined)?.userErrors ?? [];
      const problem = error ? problemOf(error) : undefined;
      return {
        payload,
        userErrors,
        problem,
        words: problem?.message ?? (userErrors.map((e) => e.message).join(' ') || null),
      };
    },
    [client, mutation],
  );
  return [act, busy] as const;
}
