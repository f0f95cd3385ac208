import type { TypedDocumentNode } from '@urql/core';
import { useEffect, useRef } from 'react';
import { type AnyVariables, useClient } from 'urql';

/** Subscribes, and tells of each answer: of several within a frame, a state would keep the last alone. */
export function useFollow<D, V extends AnyVariables>(
  query: TypedDocumentNode<D, V>,
  variables: V,
  onAnswer: (data: D) => void,
  pause = false,
) {
  const client = useClient();
  const latest = useRef(onAnswer);
  useEffect(() => {
    latest.current = onAnswer;
  });
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (pause) return;
    const { unsubscribe } = client.subscription<D, V>(query, JSON.parse(key) as V).subscribe(({ data }) => {
      if (data) latest.current(data);
    });
    return unsubscribe;
  }, [client, query, key, pause]);
}
