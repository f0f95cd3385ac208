import { Link, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { SearchField } from '../shell/SearchField';
import { useTitle } from '../shell/title';
import { statusOf } from '../status/status';
import { between, duration } from '../time/format';
import { When } from '../time/When';
import { Act, actClass } from '../ui/Act';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Empty } from '../ui/Notice';
import { Head, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { cx } from '../ui/cx';
import { toCsv } from './csv';
import { HistoryQuery, type Past, type Statuses } from './documents';

const shows = ['live', 'failed', 'cancelled', 'rolledBack', 'running'] as const;
const statuses: Record<(typeof shows)[number], NonNullable<Statuses>> = {
  live: ['COMPLETED'],
  failed: ['FAILED'],
  cancelled: ['CANCELLED'],
  rolledBack: ['ROLLED_BACK'],
  running: ['PENDING', 'VALIDATING', 'DEPLOYING'],
};
/** Scheduled ones have a view of their own. */
const past: NonNullable<Statuses> = Object.values(statuses).flat();

/** Everything that has happened, by filters that stand in the address. */
export function History() {
  const { tenant } = usePlace();
  const { q, show, since } = useSearch({ from: '/t/$tenant/deployments' });
  useTitle(show ? `${t.history[show]} · ${t.history.title}` : t.history.title);
  const [after, setAfter] = useState<string | null>(null);
  const key = `${q} ${show} ${since}`;
  const [asked, setAsked] = useState(key);
  if (asked !== key) {
    setAsked(key);
    setAfter(null);
  }
  const status = show ? statuses[show] : past;
  const read = useRead(HistoryQuery, {
    slug: tenant.slug,
    first: 50,
    after,
    status,
    since: since ?? null,
    search: q ?? null,
  });
  const rows = read.data?.tenant?.deployments.nodes ?? [];
  return (
    <>
      <Head title={t.history.title} acts={<Csv rows={rows} />} />
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <nav aria-label={t.history.filter} className="-mx-4 flex gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1">
          {[undefined, ...shows].map((value) => (
            <Link
              key={value ?? 'any'}
              from="/t/$tenant/deployments"
              to="."
              search={(before) => ({ ...before, show: value })}
              replace
              aria-current={show === value || undefined}
              className={cx(
                'flex min-h-9 items-center whitespace-nowrap rounded-full px-3 text-table font-medium',
                show === value ? 'bg-ink text-canvas' : 'text-ink-2 hover:bg-sunken hover:text-ink',
              )}
            >
              {value ? t.history[value] : t.history.any}
            </Link>
          ))}
        </nav>
        <SearchField q={q} label={t.history.search} className="sm:w-64" />
      </div>
      <Sheet>
        <Loaded
          {...read}
          skeleton={
            <div className="px-4">
              <Rows n={8} label={t.common.loading} />
            </div>
          }
        >
          {({ tenant: found }) =>
            found && found.deployments.nodes.length > 0 ? (
              <>
                <Table rows={found.deployments.nodes} />
                {found.deployments.pageInfo.hasNextPage && (
                  <div className="border-t border-hairline p-3 text-center">
                    <Act
                      kind="quiet"
                      busy={read.loading}
                      onPress={() => setAfter(found.deployments.pageInfo.endCursor)}
                    >
                      {t.history.older}
                    </Act>
                  </div>
                )}
              </>
            ) : (
              <Nothing filtered={Boolean(q || show || since)} />
            )
          }
        </Loaded>
      </Sheet>
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (!filtered) return <Empty title={t.history.emptyTitle}>{t.history.emptyText}</Empty>;
  return (
    <Empty
      title={t.history.noHit}
      act={
        <Link from="/t/$tenant/deployments" to="." search={{}} className={actClass()}>
          {t.history.clear}
        </Link>
      }
    />
  );
}

function Table({ rows }: { rows: Past[] }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  return (
    <ul className="divide-y divide-hairline">
      {rows.map((row) => (
        <li key={row.id} className="row">
          <Link
            to="/t/$tenant/deployments/$id"
            params={{ tenant: tenant.slug, id: row.id }}
            preload={false}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-canvas sm:grid-cols-[minmax(0,2fr)_minmax(0,1.3fr)_minmax(0,1.3fr)_7rem]"
          >
            <span className="min-w-0">
              <span className="block truncate font-semibold">{row.product?.name ?? t.deployment.aDeployment}</span>
              {(row.reason || row.kind === 'ROLLBACK') && (
                <span className="block truncate text-xs text-ink-3">{row.reason ?? t.history.rollback}</span>
              )}
            </span>
            <Word status={statusOf(row)} />
            <span className="truncate text-table text-ink-2">{row.requestedBy}</span>
            <span className="data text-right text-xs text-ink-2">
              <When at={row.finishedAt ?? row.createdAt} zone={zone} />
              {row.startedAt && row.finishedAt && (
                <span className="block text-ink-3">{duration(between(row.startedAt, row.finishedAt))}</span>
              )}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What is shown, as a file. */
function Csv({ rows }: { rows: Past[] }) {
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([toCsv(rows)], { type: 'text/csv' }));
    link.download = 'golive-history.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Act icon={Download} onPress={save} why={rows.length === 0 ? t.history.noHit : null} whyHidden>
      {t.history.csv}
    </Act>
  );
}
