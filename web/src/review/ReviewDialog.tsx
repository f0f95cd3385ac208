import { Link } from '@tanstack/react-router';
import { LoaderCircle, Sparkles } from 'lucide-react';
import { useState } from 'react';
import * as t from '../messages/en';
import { Changes } from '../plan/Changes';
import { Checks } from '../plan/Checks';
import { useMyZone, usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act, actClass } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Bone } from '../ui/Skeleton';
import type { Review } from './documents';
import { useReview } from './useReview';

type Product = {
  id: string;
  name: string;
  liveStatus: string;
  archivedInTest: boolean;
  can: { goLive: { ok: boolean; why: string | null } };
};
type Props = { product: Product; onClose: () => void; onStarted: (deploymentId: string) => void };

/** From checks to changes to live, one after the other in one dialog. */
export default function ReviewDialog({ product, onClose, onStarted }: Props) {
  const state = useReview(product.id, onStarted);
  const [reason, setReason] = useState('');
  const { review, lines } = state;
  const failed = review?.validation.results.filter((r) => r.status === 'FAILED').length ?? 0;
  const ready = Boolean(review?.validation.ok && review.plan && !review.plan.isEmpty);
  const why = !review
    ? null
    : (product.can.goLive.why ??
      (failed > 0 ? t.review.blocked(failed) : review.plan?.isEmpty ? t.review.nothing : null));
  return (
    <Dialog
      wide
      title={titleOf(product)}
      below={review?.liveAccount && t.review.live(review.liveAccount.accountName ?? review.liveAccount.accountId)}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{t.common.cancel}</Act>
          {failed > 0 ? (
            <Act kind="primary" busy={state.loading} onPress={state.again}>
              {t.review.again}
            </Act>
          ) : (
            <Act
              kind="crossing"
              icon={Sparkles}
              busy={state.busy || !review}
              why={why}
              onPress={() => void state.confirm(reason)}
            >
              {!review ? t.review.checking : product.archivedInTest ? t.review.archiveN : t.review.make(lines.length)}
            </Act>
          )}
        </>
      }
    >
      <Loaded {...state} data={review ?? undefined} skeleton={<Looking />}>
        {(review) => (
          <div className="fade">
            <Above state={state} review={review} />
            <Part n={1} title={t.review.steps.checks} done={review.validation.ok}>
              <Checks results={review.validation.results} />
              <Adopt review={review} on={state.adopt} set={state.setAdopt} />
            </Part>
            {review.plan && failed === 0 && (
              <Part
                n={2}
                title={review.plan.isEmpty ? t.review.steps.changes : t.review.changes(lines.length)}
                done={false}
              >
                {review.plan.isEmpty ? (
                  <p className="py-2 text-ink-2">{t.review.nothing}</p>
                ) : (
                  <Changes lines={lines} fresh={state.fresh ?? undefined} />
                )}
              </Part>
            )}
            {ready && <Field label={t.review.reason} hint={t.review.reasonHint} value={reason} onChange={setReason} />}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

const titleOf = (product: Product) =>
  product.archivedInTest
    ? t.review.archiveTitle(product.name)
    : product.liveStatus === 'NOT_LIVE'
      ? t.review.title(product.name)
      : t.review.updateTitle(product.name);

/** What must be known before the rest: a refusal, a change since, somebody else's hand in live. */
function Above({ state, review }: { state: ReturnType<typeof useReview>; review: Review }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  const overwrites = state.lines.reduce((sum, line) => sum + line.overwrites, 0);
  return (
    <div className="mb-4 grid gap-2 empty:hidden">
      {state.refused && (
        <Notice
          tone="critical"
          urgent
          act={
            state.refused.watch && (
              <Link
                to="/t/$tenant/deployments/$id"
                params={{ tenant: tenant.slug, id: state.refused.watch }}
                className={actClass()}
              >
                {t.review.watch}
              </Link>
            )
          }
        >
          {state.refused.words}
        </Notice>
      )}
      {state.fresh && (
        <Notice tone="info" urgent>
          {t.review.changed}
        </Notice>
      )}
      {overwrites > 0 && <Notice tone="caution">{t.review.overwrites(overwrites)}</Notice>}
      {review.scheduled.length > 0 && (
        <Notice tone="neutral">
          {t.review.scheduled(review.scheduled.length)}{' '}
          {review.scheduled[0]?.scheduledFor && <When at={review.scheduled[0].scheduledFor} zone={zone} precise />}
        </Notice>
      )}
    </div>
  );
}

function Part({ n, title, done, children }: { n: number; title: string; done: boolean; children: React.ReactNode }) {
  return (
    <section aria-label={title} className="mb-4">
      <h3 className="flex items-center gap-2.5 border-b border-hairline pb-2 font-semibold">
        <span
          aria-hidden
          className={`data grid size-5 place-items-center rounded-full text-xs ${done ? 'bg-positive-tint text-positive' : 'bg-sunken text-ink-2'}`}
        >
          {n}
        </span>
        {title}
      </h3>
      {children}
    </section>
  );
}

/** Offered where the only thing in the way is what somebody made in live before. */
function Adopt({ review, on, set }: { review: Review; on: boolean; set: (on: boolean) => void }) {
  const inTheWay = review.validation.results.some(
    (r) => (r.check === 'live_conflict' || r.check === 'lookup_keys') && r.status === 'FAILED',
  );
  if (!inTheWay && !on) return null;
  return (
    <label className="mt-1 flex cursor-pointer gap-3 rounded-panel bg-sunken px-4 py-3">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => set(event.target.checked)}
        className="mt-0.5 size-4 accent-(--link)"
      />
      <span>
        <span className="block font-medium">{t.review.adopt}</span>
        <span className="block text-xs text-ink-2">{t.review.adoptText}</span>
      </span>
    </label>
  );
}

/** While both banks are read: the boxes that come, and what is being done. */
const Looking = () => (
  <div role="status" className="grid gap-4 pt-1">
    <p className="flex items-center gap-2.5 font-medium">
      <LoaderCircle aria-hidden size={18} className="spin text-info" />
      {t.review.checking}
    </p>
    <p className="-mt-3 pl-[1.75rem] text-ink-2">{t.review.checkingText}</p>
    {[64, 48, 56].map((width) => (
      <span key={width} className="flex items-center gap-3">
        <Bone className="size-5" />
        <Bone className={width === 64 ? 'h-3.5 w-64' : width === 48 ? 'h-3.5 w-48' : 'h-3.5 w-56'} />
      </span>
    ))}
  </div>
);
