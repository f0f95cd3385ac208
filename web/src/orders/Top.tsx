import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import * as t from '../messages/orders';
import { useTitle } from '../shell/title';
import { Head } from '../ui/Panel';
import { useCurrentInView } from '../ui/current';
import { cx } from '../ui/cx';
import { inAddress, type Mode } from './mode';

const tabs = [
  { to: '/t/$tenant/orders', label: t.orders.tabs.orders, exact: true },
  { to: '/t/$tenant/orders/disputes', label: t.orders.tabs.disputes, exact: false },
  { to: '/t/$tenant/orders/payouts', label: t.orders.tabs.payouts, exact: false },
  { to: '/t/$tenant/orders/reconciliation', label: t.orders.tabs.books, exact: false },
  { to: '/t/$tenant/orders/events', label: t.orders.tabs.events, exact: false },
] as const;

/** What every view of orders and payments begins with: which of them it is, and of which mode. */
export function Top({ title, mode, acts }: { title: string; mode: Mode; acts?: ReactNode }) {
  const { tenant } = useParams({ from: '/t/$tenant' });
  const row = useCurrentInView(title);
  useTitle(mode === 'TEST' ? `${title} · ${t.orders.modes.TEST}` : title);
  return (
    <>
      <Head title={title} acts={acts} />
      <div className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3 border-b border-hairline">
        <nav
          ref={row}
          aria-label={t.orders.title}
          className="-mx-4 flex min-w-0 gap-1 overflow-x-auto px-4 sm:mx-0 sm:px-0"
        >
          {tabs.map(({ to, label, exact }) => (
            <Link
              key={to}
              to={to}
              params={{ tenant }}
              search={{ mode: inAddress(mode) }}
              activeOptions={{ exact, includeSearch: false }}
              className="-mb-px flex min-h-11 items-center whitespace-nowrap border-b-2 border-transparent px-3 font-medium text-ink-2 hover:text-ink aria-[current=page]:border-ink aria-[current=page]:text-ink"
            >
              {label}
            </Link>
          ))}
        </nav>
        <Switch mode={mode} />
      </div>
    </>
  );
}

/** Test and live are two worlds: nothing shows both. */
function Switch({ mode }: { mode: Mode }) {
  return (
    <nav aria-label={t.orders.mode} className="mb-2 flex rounded-control border border-edge p-0.5">
      {(['LIVE', 'TEST'] as const).map((one) => (
        <Link
          key={one}
          from="/t/$tenant"
          to="."
          search={{ mode: inAddress(one) } as never}
          replace
          aria-current={mode === one || undefined}
          className={cx(
            'flex min-h-9 items-center gap-2 rounded-control px-3 text-table font-medium sm:min-h-7',
            mode === one ? 'bg-sunken text-ink' : 'text-ink-2 hover:text-ink',
          )}
        >
          <span aria-hidden className={cx('h-3.5 w-[3px] rounded-full', one === 'TEST' ? 'bg-test' : 'bg-live')} />
          {t.orders.modes[one]}
        </Link>
      ))}
    </nav>
  );
}
