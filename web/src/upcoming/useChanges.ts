import { useEffect, useRef } from 'react';
import { useFollow } from '../api/follow';
import { useLink } from '../api/link';
import { Changed } from './documents';

/** Follows all deployments of a business, or of one product; tells when one has come into or left a list. */
export function useChanges(tenantId: string, onMoved: () => void, productId?: string) {
  const last = useRef(new Map<string, string>());
  const moved = useRef(onMoved);
  useEffect(() => {
    moved.current = onMoved;
  });
  useFollow(Changed, { tenantId, since: null }, ({ deploymentsChanged: changed }) => {
    if (productId && changed.product?.id !== productId) return;
    const place = `${changed.status} ${changed.waitReason} ${changed.scheduledFor}`;
    if (last.current.get(changed.id) !== place) moved.current();
    last.current.set(changed.id, place);
  });
  // What happened during a cut may have been told to nobody: the list is asked for again.
  const link = useLink();
  const before = useRef(link);
  useEffect(() => {
    if (link === 'open' && before.current !== 'open') moved.current();
    before.current = link;
  }, [link]);
}
