import { Link, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { SearchField } from '../shell/SearchField';
import { Act, actClass } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Empty, Notice } from '../ui/Notice';
import { Head, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { CountsQuery, ProductsQuery } from './documents';
import { Filter } from './Filter';
import { ImportLine, useImport } from './ImportBar';
import { List } from './List';

const page = 50;

/** All products of a business, on both banks. */
export function Products() {
  const { tenant, role } = usePlace();
  const { q, show } = useSearch({ from: '/t/$tenant/products' });
  const [after, setAfter] = useState<string | null>(null);
  const key = `${q}:${show}`;
  const [asked, setAsked] = useState(key);
  if (asked !== key) {
    setAsked(key);
    setAfter(null);
  }
  const list = useRead(ProductsQuery, {
    slug: tenant.slug,
    first: page,
    after,
    search: q || null,
    liveStatus: show ? [show] : null,
    orderBy: 'NAME',
  });
  const counts = useRead(CountsQuery, { slug: tenant.slug });
  const latest = counts.data?.tenant?.import;
  const { begin, busy } = useImport(tenant.id, latest, () => {
    list.again();
    counts.again();
  });
  const [refused, setRefused] = useState<string | null>(null);
  const run = () => void begin().then((answer) => setRefused(answer.words));
  const connected = tenant.stripeConnections.some((c) => c.mode === 'TEST');
  const why = role === 'VIEWER' ? t.error.forbidden : connected ? null : t.products.connectTitle;
  const importAct = (
    <Act onPress={run} busy={busy} why={why} whyHidden icon={Download}>
      {t.products.import}
    </Act>
  );
  return (
    <>
      <Head title={t.products.title} below={<ImportLine latest={latest} />} acts={importAct} />
      {refused && (
        <div className="mb-4">
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        </div>
      )}
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <Filter counts={counts.data?.tenant?.productCounts} show={show} />
        <SearchField q={q} label={t.products.search} className="sm:w-72" />
      </div>
      <Sheet>
        <Loaded
          {...list}
          skeleton={
            <div className="px-4">
              <Rows n={6} label={t.common.loading} />
            </div>
          }
        >
          {({ tenant: found }) =>
            found && found.products.nodes.length > 0 ? (
              <Found
                rows={found.products.nodes}
                next={found.products.pageInfo}
                more={setAfter}
                loading={list.loading}
              />
            ) : (
              <Nothing connected={connected} imported={Boolean(latest)} act={importAct} />
            )
          }
        </Loaded>
      </Sheet>
    </>
  );
}

type Found = {
  rows: Parameters<typeof List>[0]['rows'];
  next: { hasNextPage: boolean; endCursor: string | null };
  more: (after: string | null) => void;
  loading: boolean;
};

function Found({ rows, next, more, loading }: Found) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  return (
    <>
      <List rows={rows} slug={tenant.slug} zone={zone} />
      {next.hasNextPage && (
        <div className="border-t border-hairline p-3 text-center">
          <Act kind="quiet" busy={loading} onPress={() => more(next.endCursor)}>
            {t.common.showMore}
          </Act>
        </div>
      )}
    </>
  );
}

function Nothing({ connected, imported, act }: { connected: boolean; imported: boolean; act: React.ReactNode }) {
  const { tenant } = usePlace();
  const { q, show } = useSearch({ from: '/t/$tenant/products' });
  if (q || show)
    return (
      <Empty
        title={q ? t.products.noHit(q) : t.products.noneInFilter}
        act={
          <Link from="/t/$tenant/products" to="." search={{}} className={actClass()}>
            {t.common.clearSearch}
          </Link>
        }
      />
    );
  if (!connected)
    return (
      <Empty
        title={t.products.connectTitle}
        act={
          <Link to="/t/$tenant/settings" params={{ tenant: tenant.slug }} className={actClass('primary')}>
            {t.shell.connect}
          </Link>
        }
      >
        {t.products.connectText}
      </Empty>
    );
  return (
    <Empty title={imported ? t.products.emptyTitle : t.products.neverTitle} act={act}>
      {imported ? t.products.emptyText : t.products.neverText}
    </Empty>
  );
}
