import { useEffect, useRef } from 'react';
import { useFollow } from '../api/follow';
import { useLink } from '../api/link';
import { OrdersChanged } from './documents';
import type { Mode } from './mode';

/** Follows all orders of a business in a mode; tells when one is new, or belongs elsewhere in the lists. */
export function useOrders(tenantId: string, mode: Mode, onMoved: () => void) {
  const places = useRef(new Map<string, string>());
  const moved = useRef(onMoved);
  useEffect(() => {
    moved.current = onMoved;
  });
  useFollow(OrdersChanged, { tenantId, mode, since: null }, ({ ordersChanged: changed }) => {
    const place = `${changed.status} ${changed.attention.join()}`;
    if (places.current.get(changed.id) !== place) moved.current();
    places.current.set(changed.id, place);
  });
  // What happened during a cut may have been told to nobody.
  const link = useLink();
  const before = useRef(link);
  useEffect(() => {
    if (link === 'open' && before.current !== 'open') moved.current();
    before.current = link;
  }, [link]);
}
