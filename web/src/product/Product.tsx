import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { CalendarClock, Sparkles } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useRead } from '../api/use';
import { BankPanel } from '../bank/Banks';
import * as t from '../messages/en';
import { Nowhere } from '../shell/Problem';
import { useTitle } from '../shell/title';
import { liveStatusOf } from '../status/status';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Head, Sheet } from '../ui/Panel';
import { Bone, Skeleton } from '../ui/Skeleton';
import { type ProductDetail, ProductQuery } from './documents';
import { Known, Prices, Recent, Scheduled } from './Parts';

const loadReview = () => import('../review/ReviewDialog');
const loadSchedule = () => import('../schedule/ScheduleDialog');
const loadWatched = () => import('./Watched');
const Review = lazy(loadReview);
const Schedule = lazy(loadSchedule);
const Watched = lazy(loadWatched);
const Follow = lazy(() => import('./Follow'));

/** One product: both banks, the one button, and what has happened to it. */
export function Product() {
  const { product: id } = useParams({ from: '/t/$tenant/products/$product' });
  const read = useRead(ProductQuery, { id });
  return (
    <Loaded {...read} skeleton={<Waiting />}>
      {({ product }) => (product ? <Found key={product.id} product={product} again={read.again} /> : <Nowhere />)}
    </Loaded>
  );
}

function Found({ product, again }: { product: ProductDetail; again: () => void }) {
  useTitle(product.name);
  const { open } = useSearch({ from: '/t/$tenant/products/$product' });
  const navigate = useNavigate({ from: '/t/$tenant/products/$product' });
  const running = product.activeDeployment?.id;
  // What was watched here stays until one leaves: its end belongs to its beginning.
  const [watched, setWatched] = useState(running);
  if (running && watched !== running) setWatched(running);
  const show = (open?: 'review' | 'schedule') => void navigate({ to: '.', search: { open }, replace: true });
  return (
    <>
      <Head
        title={product.name}
        below={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Word status={liveStatusOf(product)} />
            <Copy text={product.stripeProductId} label={t.common.test} />
          </span>
        }
      />
      <Sheet className="p-5 sm:p-6">
        {watched ? (
          <Suspense fallback={<BothBanks product={product} />}>
            <Watched key={watched} id={watched} product={product} again={() => show('review')} after={again} />
          </Suspense>
        ) : (
          <BothBanks product={product} />
        )}
        {(!watched || !running) && (
          <Acts product={product} onReview={() => show('review')} onSchedule={() => show('schedule')} />
        )}
      </Sheet>
      <div className="mt-4 grid gap-2 empty:hidden">
        {product.liveStatus === 'DRIFTED' && <Notice tone="caution">{t.product.drifted}</Notice>}
        {product.goneAt && <Notice tone="neutral">{t.product.goneText}</Notice>}
        {product.archivedInTest && !product.goneAt && <Notice tone="neutral">{t.product.archivedText}</Notice>}
      </div>
      <div className="grid gap-x-10 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div>
          <Known product={product} />
          <Prices product={product} />
        </div>
        <div>
          <Scheduled product={product} />
          <Recent product={product} />
        </div>
      </div>
      <Suspense>
        <Follow product={product.id} moved={again} />
      </Suspense>
      <Suspense>
        {open === 'review' && (
          <Review
            product={product}
            onClose={() => show()}
            onStarted={(started) => {
              setWatched(started);
              show();
            }}
          />
        )}
        {open === 'schedule' && <Schedule product={product} onClose={() => show()} />}
      </Suspense>
    </>
  );
}

const BothBanks = ({ product }: { product: ProductDetail }) => (
  <div className="grid grid-cols-2 gap-4 sm:gap-6">
    <BankPanel mode="test" of={product.inTest} />
    <BankPanel mode="live" of={product.inLive} />
  </div>
);

/** The one button, and the other way to the same end. */
function Acts({
  product,
  onReview,
  onSchedule,
}: {
  product: ProductDetail;
  onReview: () => void;
  onSchedule: () => void;
}) {
  const { can } = product;
  const label = product.archivedInTest
    ? t.product.archive
    : product.liveStatus === 'NOT_LIVE'
      ? t.product.goLive
      : t.product.update;
  return (
    <div className="mt-6 flex flex-wrap items-start gap-3 border-t border-hairline pt-5">
      <Act
        kind="crossing"
        large
        opens
        icon={Sparkles}
        why={can.goLive.why}
        onIntent={() => void Promise.all([loadReview(), loadWatched()])}
        onPress={onReview}
      >
        {label}
      </Act>
      <Act
        large
        opens
        icon={CalendarClock}
        why={can.schedule.why === can.goLive.why ? null : can.schedule.why}
        onIntent={() => void loadSchedule()}
        onPress={() => can.schedule.ok && onSchedule()}
      >
        {t.product.schedule}
      </Act>
    </div>
  );
}

const Waiting = () => (
  <Skeleton label={t.common.loading}>
    <div className="grid gap-6">
      <Bone className="h-9 w-64" />
      <Bone className="h-52 w-full" />
      <Bone className="h-32 w-full" />
    </div>
  </Skeleton>
);
