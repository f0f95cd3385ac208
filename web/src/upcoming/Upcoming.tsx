import { Link, useSearch } from '@tanstack/react-router';
import { CalendarDays, List as ListIcon } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { useTitle } from '../shell/title';
import { isHeld } from '../status/status';
import { cityOf } from '../time/format';
import { actClass } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Empty } from '../ui/Notice';
import { Head, Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { cx } from '../ui/cx';
import { type Scheduled, UpcomingQuery } from './documents';
import { Item, type Intent } from './Item';
import { Month } from './Month';
import { useChanges } from './useChanges';

const Now = lazy(() => import('./NowDialog'));
const Stop = lazy(() => import('../deployment/StopDialog'));
const Move = lazy(() => import('../schedule/MoveDialog'));

/** What will go live by itself, and what waits for somebody. */
export function Upcoming() {
  useTitle(t.upcoming.title);
  const { tenant } = usePlace();
  const { view } = useSearch({ from: '/t/$tenant/scheduled' });
  const read = useRead(UpcomingQuery, { slug: tenant.slug, first: 100, after: null, from: null, to: null });
  useChanges(tenant.id, read.again);
  const [doing, setDoing] = useState<{ intent: Intent; row: Scheduled } | null>(null);
  const close = () => setDoing(null);
  return (
    <>
      <Head title={t.upcoming.title} acts={<Switch calendar={view === 'calendar'} />} />
      <Loaded
        {...read}
        skeleton={
          <Sheet className="px-4">
            <Rows n={5} label={t.common.loading} />
          </Sheet>
        }
      >
        {({ tenant: found }) => {
          const rows = found?.upcoming.nodes ?? [];
          if (rows.length === 0)
            return (
              <Sheet>
                <Nothing />
              </Sheet>
            );
          const onIntent = (intent: Intent, row: Scheduled) => setDoing({ intent, row });
          return view === 'calendar' ? (
            <Month rows={rows} onIntent={onIntent} />
          ) : (
            <Lists rows={rows} onIntent={onIntent} />
          );
        }}
      </Loaded>
      <Suspense>
        {doing?.intent === 'cancel' && <Stop deployment={doing.row} onClose={close} />}
        {doing?.intent === 'move' && <Move deployment={doing.row} onClose={close} />}
        {doing?.intent === 'now' && <Now deployment={doing.row} onClose={close} />}
      </Suspense>
    </>
  );
}

type ListProps = { rows: Scheduled[]; onIntent: (intent: Intent, row: Scheduled) => void };

/** Those that need a decision stand above those that do not. */
function Lists({ rows, onIntent }: ListProps) {
  const zone = useMyZone();
  const held = rows.filter(isHeld);
  const others = rows.filter((row) => !isHeld(row));
  return (
    <>
      {held.length > 0 && (
        <Section title={t.upcoming.needs} className="mt-0 mb-10">
          <Sheet>
            <ul className="divide-y divide-hairline">
              {held.map((row) => (
                <Item key={row.id} row={row} onIntent={onIntent} />
              ))}
            </ul>
          </Sheet>
        </Section>
      )}
      {others.length > 0 && (
        <Section
          title={t.upcoming.next}
          className="mt-0"
          acts={<span className="text-xs text-ink-3">{t.upcoming.times(cityOf(zone))}</span>}
        >
          <Sheet>
            <ul className="divide-y divide-hairline">
              {others.map((row) => (
                <Item key={row.id} row={row} onIntent={onIntent} />
              ))}
            </ul>
          </Sheet>
        </Section>
      )}
    </>
  );
}

function Switch({ calendar }: { calendar: boolean }) {
  const look = (on: boolean) =>
    cx(
      'flex min-h-9 items-center gap-2 rounded-control px-3 text-sm font-medium',
      on ? 'bg-surface text-ink ring-1 ring-hairline' : 'text-ink-2',
    );
  return (
    <nav aria-label={t.upcoming.view} className="flex gap-0.5 rounded-[8px] bg-sunken p-0.5">
      <Link
        from="/t/$tenant/scheduled"
        to="."
        search={{}}
        replace
        aria-current={!calendar || undefined}
        className={look(!calendar)}
      >
        <ListIcon aria-hidden size={16} />
        {t.upcoming.list}
      </Link>
      <Link
        from="/t/$tenant/scheduled"
        to="."
        search={{ view: 'calendar' }}
        replace
        aria-current={calendar || undefined}
        className={look(calendar)}
      >
        <CalendarDays aria-hidden size={16} />
        {t.upcoming.calendar}
      </Link>
    </nav>
  );
}

function Nothing() {
  const { tenant } = usePlace();
  return (
    <Empty
      title={t.upcoming.emptyTitle}
      act={
        <Link to="/t/$tenant/products" params={{ tenant: tenant.slug }} className={actClass()}>
          {t.error.toProducts}
        </Link>
      }
    >
      {t.upcoming.emptyText}
    </Empty>
  );
}
