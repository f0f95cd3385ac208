import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useRead } from '../api/use';
import * as b from '../messages/books';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { Countdown, methodOf } from '../orders/Money';
import { disputeStatusOf, needsAnswer } from '../orders/status';
import { useMyZone, usePlace } from '../shell/context';
import { Nowhere } from '../shell/Problem';
import { useTitle } from '../shell/title';
import { fullTime } from '../time/format';
import { Copy } from '../ui/Copy';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Money } from '../ui/Money';
import { Head, Section } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { type Dispute, DisputeQuery } from './documents';

const Answer = lazy(() => import('./Answer'));

/** One dispute, and the answer to it. */
export function DisputePage() {
  const { id } = useParams({ from: '/t/$tenant/orders/disputes/$id' });
  // What was known before may be older than what someone else has kept since, and would overwrite it.
  const read = useRead(DisputeQuery, { id }, { policy: 'network-only' });
  const dispute = read.data?.dispute;
  if ((read.data && !dispute) || read.problem?.code === 'NOT_FOUND') return <Nowhere />;
  return (
    <Loaded {...read} data={dispute ?? undefined} skeleton={<Rows n={5} label={c.common.loading} />}>
      {(dispute) => <Found key={dispute.id} dispute={dispute} />}
    </Loaded>
  );
}

function Found({ dispute }: { dispute: Dispute }) {
  const title = b.disputes.title(dispute.order?.number ?? null);
  useTitle(title);
  return (
    <>
      <Head
        title={title}
        below={
          <span className="flex flex-wrap items-center gap-3">
            <Word status={disputeStatusOf(dispute.status)} />
            {dispute.evidenceDueBy && needsAnswer(dispute.status) && <Countdown to={dispute.evidenceDueBy} />}
          </span>
        }
      />
      <div className="grid gap-x-10 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Suspense fallback={<Rows n={5} label={c.common.loading} />}>
          <Answer dispute={dispute} />
        </Suspense>
        <Facts dispute={dispute} />
      </div>
    </>
  );
}

function Facts({ dispute }: { dispute: Dispute }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  return (
    <Section title={t.page.facts} className="lg:mt-0">
      <dl className="data grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-4 gap-y-2 border-t border-hairline pt-3">
        <dt className="text-ink-3">{b.disputes.asks}</dt>
        <dd className="font-semibold">
          <Money of={dispute.amount} />
        </dd>
        <dt className="text-ink-3">{b.disputes.reason}</dt>
        <dd>{methodOf(dispute.reason)}</dd>
        {dispute.order && (
          <>
            <dt className="text-ink-3">{b.disputes.order}</dt>
            <dd>
              <Link
                to="/t/$tenant/orders/$id"
                params={{ tenant: tenant.slug, id: dispute.order.id }}
                className="text-link underline"
              >
                {dispute.order.number}
              </Link>{' '}
              {dispute.order.customer}
            </dd>
          </>
        )}
        <dt className="text-ink-3">{b.disputes.opened}</dt>
        <dd>{fullTime(dispute.createdAt, zone)}</dd>
        {dispute.submittedAt && (
          <>
            <dt className="text-ink-3">{b.disputes.submitted}</dt>
            <dd>{fullTime(dispute.submittedAt, zone)}</dd>
          </>
        )}
        <dt className="text-ink-3">{t.page.ids}</dt>
        <dd className="min-w-0">
          <Copy text={dispute.stripeDisputeId} label={b.disputes.id} />
        </dd>
      </dl>
    </Section>
  );
}
