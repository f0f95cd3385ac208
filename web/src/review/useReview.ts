import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { newKey } from '../api/key';
import { useAct, useRead } from '../api/use';
import { type Line, linesOf, newIn } from '../plan/lines';
import { GoLive, NoteJourney, ReviewQuery } from './documents';

/** A look at Stripe that is older than this is taken again before anything is done by it. */
const good = 30_000;

/** The dialog's state: what was looked at, what is new since, and the way on. */
export function useReview(productId: string, onStarted: (deploymentId: string) => void) {
  const [adopt, setAdopt] = useState(false);
  const client = useClient();
  const read = useRead(ReviewQuery, { productId, adopt }, { policy: 'network-only' });
  const [goLive, starting] = useAct(GoLive);
  const [keys] = useState(() => ({ journeyId: newKey(), idempotencyKey: newKey() }));
  const [refused, setRefused] = useState<{ words: string; watch?: string } | null>(null);
  const note = useJourney(productId, keys.journeyId);

  const review = read.data?.reviewGoLive ?? null;
  const lines = useMemo(() => linesOf(review?.plan?.changes ?? []), [review]);
  const { fresh, approve } = useFresh(lines, review?.plan?.hash, adopt);

  useEffect(() => {
    if (!review) return;
    note('CHECKED');
    if (review.plan && review.validation.ok) note('PLAN_SEEN');
  }, [review, note]);

  const [looking, setLooking] = useState(false);
  /** Whether what was seen still holds; an old look is taken again first. */
  const holds = async (hash: string, checkedAt: string) => {
    if (Date.now() - Date.parse(checkedAt) < good) return true;
    setLooking(true);
    const { data } = await client
      .query(ReviewQuery, { productId, adopt }, { requestPolicy: 'network-only' })
      .toPromise();
    setLooking(false);
    return data?.reviewGoLive?.plan?.hash === hash && data.reviewGoLive.validation.ok;
  };
  const confirm = async (reason: string) => {
    if (!review?.plan || !(await holds(review.plan.hash, review.validation.checkedAt))) return;
    note('CONFIRMED');
    approve();
    const { payload, words } = await goLive({
      input: { productId, planHash: review.plan.hash, adopt, reason: reason.trim() || null, ...keys },
    });
    if (!words && payload?.deployment) onStarted(payload.deployment.id);
    else setRefused({ words: words ?? '', watch: payload?.deployment?.id });
  };
  return { ...read, review, lines, fresh, adopt, setAdopt, confirm, busy: starting || looking, refused };
}

/** Which lines nobody has seen yet: those that came after the first look. */
function useFresh(lines: Line[], hash: string | undefined, adopt: boolean) {
  const [seen, setSeen] = useState<{ hash: string; lines: Line[]; adopt: boolean }>();
  if (hash && (!seen || seen.adopt !== adopt)) setSeen({ hash, lines, adopt });
  const changed = Boolean(seen && hash && seen.hash !== hash && seen.adopt === adopt);
  const fresh = useMemo(() => (changed && seen ? newIn(lines, seen.lines) : null), [changed, seen, lines]);
  const approve = useCallback(() => hash && setSeen({ hash, lines, adopt }), [hash, lines, adopt]);
  return { fresh, approve };
}

/** Notes how far a dialog came, each stage once; nobody waits for it. */
function useJourney(productId: string, journeyId: string) {
  const client = useClient();
  const noted = useRef(new Set<string>());
  const note = useCallback(
    (stage: 'OPENED' | 'CHECKED' | 'PLAN_SEEN' | 'CONFIRMED') => {
      if (noted.current.has(stage)) return;
      noted.current.add(stage);
      void client.mutation(NoteJourney, { input: { journeyId, productId, stage } }).toPromise();
    },
    [client, productId, journeyId],
  );
  useEffect(() => note('OPENED'), [note]);
  return note;
}
