import { Link } from '@tanstack/react-router';
import { Info } from 'lucide-react';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { number } from '../messages/plural';
import { usePlace } from '../shell/context';
import { duration } from '../time/format';
import { Loaded } from '../ui/Loaded';
import { Section, Sheet } from '../ui/Panel';
import { Bone, Skeleton } from '../ui/Skeleton';
import { Days } from './Days';
import { type Metrics, MetricsQuery } from './documents';

const span = 30 * 86_400_000;

/** The last 30 days in figures, each with what it means and a way to what is behind it. */
export function Figures() {
  const { tenant } = usePlace();
  // To the hour, so that the same question has the same answer.
  const [[from, to]] = useState(() => {
    const now = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
    return [new Date(now - span).toISOString(), new Date(now).toISOString()] as const;
  });
  const read = useRead(MetricsQuery, { slug: tenant.slug, from, to });
  return (
    <Section title={t.home.figures}>
      <Loaded
        {...read}
        skeleton={
          <Skeleton label={t.common.loading}>
            <Bone className="h-28 w-full" />
          </Skeleton>
        }
      >
        {({ tenant: found }) => found && <Shown metrics={found.metrics} since={from} />}
      </Loaded>
    </Section>
  );
}

function Shown({ metrics, since }: { metrics: Metrics; since: string }) {
  const { successRate, medianSeconds, finished, immediate, scheduled } = metrics;
  return (
    <>
      <Sheet>
        <dl className="grid grid-cols-2 divide-hairline max-lg:[&>*:nth-child(even)]:border-l max-lg:[&>*:nth-child(n+3)]:border-t lg:grid-cols-4 lg:divide-x">
          <Figure
            name={t.home.success}
            what={t.home.successWhat}
            value={successRate === null ? t.home.noFigure : `${number(Math.round(successRate * 1000) / 10)} %`}
            show="failed"
            since={since}
          />
          <Figure
            name={t.home.median}
            what={t.home.medianWhat}
            value={medianSeconds === null ? t.home.noFigure : duration(medianSeconds)}
            show="live"
            since={since}
          />
          <Figure name={t.home.goLives} what={t.home.goLivesWhat} value={number(finished)} since={since} />
          <Figure
            name={t.home.scheduledShare}
            what={t.home.scheduledWhat}
            value={t.home.ofThem(scheduled, immediate + scheduled)}
            since={since}
          />
        </dl>
      </Sheet>
      <Days days={metrics.days} />
      <div className="grid gap-x-10 lg:grid-cols-2">
        <Ranking
          title={t.home.failedChecks}
          rows={metrics.failedChecks.map((c) => [t.checks.names[c.check] ?? c.check, c.deployments])}
        />
        <Ranking
          title={t.home.errors}
          rows={metrics.errors.map((e) => [
            [e.category.toLowerCase().replaceAll('_', ' '), e.stripeCode].filter(Boolean).join(' · '),
            e.count,
          ])}
        />
      </div>
    </>
  );
}

type FigureProps = { name: string; what: string; value: string; show?: 'failed' | 'live'; since: string };

function Figure({ name, what, value, show, since }: FigureProps) {
  const { tenant } = usePlace();
  return (
    <div className="border-hairline px-5 py-4">
      <dt className="flex items-center gap-1.5 text-table text-ink-2">
        {name}
        <details className="relative">
          <summary
            aria-label={`${name}: ${t.home.definition}`}
            className="grid size-6 cursor-pointer list-none place-items-center rounded-full text-ink-3 hover:text-ink"
          >
            <Info aria-hidden size={14} />
          </summary>
          <p className="absolute top-7 left-0 z-10 w-56 rounded-panel bg-raised p-3 text-xs text-ink shadow-float max-lg:-left-16">
            {what}
          </p>
        </details>
      </dt>
      <dd>
        <Link
          to="/t/$tenant/deployments"
          params={{ tenant: tenant.slug }}
          search={{ show, since }}
          className="data text-head font-semibold tracking-[-0.02em] hover:underline sm:text-figure"
        >
          {value}
        </Link>
      </dd>
    </div>
  );
}

/** What happens most, as bars with their figures. */
function Ranking({ title, rows }: { title: string; rows: [string, number][] }) {
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map(([, n]) => n));
  return (
    <Section title={title}>
      <ul className="grid gap-2">
        {rows.slice(0, 6).map(([name, n]) => (
          <li key={name} className="grid grid-cols-[minmax(0,1fr)_2.5rem] items-center gap-x-3">
            <span className="truncate text-table first-letter:uppercase">{name}</span>
            <span className="data text-right text-table text-ink-2">{number(n)}</span>
            <span aria-hidden className="col-span-2 h-1.5 overflow-hidden rounded-full bg-track">
              <span
                className="block size-full origin-left rounded-full bg-ink-3"
                style={{ transform: `scaleX(${n / most})` }}
              />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
