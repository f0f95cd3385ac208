import { useEffect, useMemo, useRef, useState } from 'react';
import { useFollow } from '../api/follow';
import { useRead } from '../api/use';
import { announce } from '../ui/announce';
import { type Event, OrderChanged, OrderEvents, OrderQuery } from './documents';

/** An order with its history, both as new as the last event. */
export function useOrder(id: string) {
  const read = useRead(OrderQuery, { id });
  const [after, setAfter] = useState(0);
  const past = useRead(OrderEvents, { id, after });
  const [told, setTold] = useState<Event[]>([]);
  const [followed, setFollowed] = useState(id);
  if (followed !== id) {
    setFollowed(id);
    setAfter(0);
    setTold([]);
  }
  const last = useRef<{ id: string; sequence: number }>(undefined);
  const againPast = past.again;
  useFollow(OrderChanged, { id, after: null }, ({ orderChanged: event }) => {
    const { sequence, message } = event;
    const before = last.current?.id === id ? last.current.sequence : undefined;
    if (before !== undefined && sequence <= before) return;
    last.current = { id, sequence };
    setTold((told) => [...told, event]);
    // The first is the newest there is, and no news.
    if (before !== undefined) announce(message);
  });

  const [pages, setPages] = useState<{ id: string; events: Event[] }>({ id, events: [] });
  const found = past.data?.order?.id === id ? past.data.order.events : undefined;
  if (found && (pages.id !== id || found.some((e) => !pages.events.includes(e))))
    setPages({ id, events: [...(pages.id === id ? pages.events : []), ...found] });
  const more = found?.length === 100 ? () => setAfter(found.at(-1)!.sequence) : undefined;
  const further = Boolean(more);
  const events = useMemo(
    () =>
      [...new Map([...pages.events, ...(further ? [] : told)].map((e) => [e.sequence, e])).values()].sort(
        (a, b) => a.sequence - b.sequence,
      ),
    [pages, told, further],
  );
  // What came between the reading and the first that was told.
  const gap = events.find(({ sequence }, i) => i > 0 && sequence > events[i - 1]!.sequence + 1)?.sequence;
  useEffect(() => {
    if (gap !== undefined) againPast();
  }, [gap, againPast]);
  return { ...read, order: read.data?.order ?? null, events, more };
}
