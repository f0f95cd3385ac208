import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useRead } from '../api/use';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { usePlace } from '../shell/context';
import { SearchField } from '../shell/SearchField';
import { Act, actClass } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Empty, Notice } from '../ui/Notice';
import { Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { cx } from '../ui/cx';
import { ModuleQuery, OrdersQuery, type Statuses } from './documents';
import { List } from './List';
import { type Mode, modeOf } from './mode';
import { Top } from './Top';
import { useOrders } from './useOrders';

const NewOrder = lazy(() => import('./NewOrderDialog'));

const statuses: Record<string, NonNullable<Statuses>> = {
  unpaid: ['CREATED', 'AWAITING_PAYMENT'],
  underWay: ['PROCESSING', 'AUTHORIZED'],
  paid: ['PAID'],
  fulfilled: ['FULFILLED'],
  completed: ['COMPLETED'],
  ended: ['EXPIRED', 'CANCELLED'],
};
const shows = ['needs', 'unpaid', 'underWay', 'paid', 'fulfilled', 'completed', 'ended'] as const;

/** The orders of a mode, by filters that stand in the address; what needs somebody on top. */
export function Orders() {
  const { tenant } = usePlace();
  const search = useSearch({ from: '/t/$tenant/orders' });
  const mode = modeOf(search);
  const { q, show, customer } = search;
  const filtered = Boolean(q || show || customer);
  const [after, setAfter] = useState<string | null>(null);
  const key = `${mode} ${q} ${show} ${customer}`;
  const [asked, setAsked] = useState(key);
  if (asked !== key) {
    setAsked(key);
    setAfter(null);
  }
  const common = { slug: tenant.slug, mode, status: null, attention: null, customer: null, search: null };
  const filter = {
    ...common,
    first: 50,
    status: show && show !== 'needs' ? (statuses[show] ?? null) : null,
    attention: show === 'needs' ? true : null,
    customer: customer ?? null,
    search: q ?? null,
  };
  const read = useRead(OrdersQuery, { ...filter, after });
  const newest = useRead(OrdersQuery, { ...filter, after: null }, { policy: 'cache-only' });
  const needs = useRead(OrdersQuery, { ...common, first: 20, after: null, attention: true }, { pause: filtered });
  useOrders(tenant.id, mode, () => {
    read.again();
    if (after) newest.again();
    if (!filtered) needs.again();
  });
  const urgent = filtered ? [] : (needs.data?.tenant?.orders.nodes ?? []);
  return (
    <>
      <Top title={t.orders.title} mode={mode} acts={<Create mode={mode} />} />
      <Off mode={mode} />
      <Filters show={show} q={q} customer={customer} />
      {urgent.length > 0 && (
        <Section title={t.orders.needs} className="mt-0 mb-8">
          <Sheet>
            <List rows={urgent} reasons />
          </Sheet>
        </Section>
      )}
      <Section title={customer ? t.orders.ofCustomer(customer) : t.orders.others} className="mt-0">
        <Sheet>
          <Loaded
            {...read}
            skeleton={
              <div className="px-4">
                <Rows n={6} label={c.common.loading} />
              </div>
            }
          >
            {({ tenant: found }) =>
              found && found.orders.nodes.length > 0 ? (
                <>
                  <List rows={found.orders.nodes} reasons={show === 'needs'} />
                  {found.orders.pageInfo.hasNextPage && (
                    <div className="border-t border-hairline p-3 text-center">
                      <Act kind="quiet" busy={read.loading} onPress={() => setAfter(found.orders.pageInfo.endCursor)}>
                        {c.history.older}
                      </Act>
                    </div>
                  )}
                </>
              ) : (
                <Nothing filtered={filtered} mode={mode} />
              )
            }
          </Loaded>
        </Sheet>
      </Section>
    </>
  );
}

/** Says why nothing can be sold now, before somebody tries. */
function Off({ mode }: { mode: Mode }) {
  const { tenant } = usePlace();
  const { data } = useRead(ModuleQuery, { slug: tenant.slug, mode });
  const found = data?.tenant?.payments;
  if (!found || (found.enabled && !found.problem)) return null;
  return (
    <div className="mb-4">
      <Notice
        tone={found.enabled ? 'critical' : 'caution'}
        act={
          <Link
            to="/t/$tenant/settings"
            params={{ tenant: tenant.slug }}
            search={{ section: 'payments' }}
            className={actClass()}
          >
            {t.orders.enable}
          </Link>
        }
      >
        {found.enabled ? found.problem : t.orders.off(t.orders.modes[mode].toLowerCase())}
      </Notice>
    </div>
  );
}

function Create({ mode }: { mode: Mode }) {
  const { tenant, role } = usePlace();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const { data } = useRead(ModuleQuery, { slug: tenant.slug, mode });
  const off = data?.tenant?.payments.enabled === false;
  const why = role === 'VIEWER' ? c.error.forbidden : off ? t.orders.off(t.orders.modes[mode].toLowerCase()) : null;
  const go = (id: string) => void navigate({ to: '/t/$tenant/orders/$id', params: { tenant: tenant.slug, id } });
  return (
    <>
      <Act kind="primary" opens why={why} whyHidden onPress={() => setOpen(true)}>
        {t.orders.newOrder}
      </Act>
      <Suspense>{open && <NewOrder mode={mode} onClose={() => setOpen(false)} onCreated={go} />}</Suspense>
    </>
  );
}

type Show = (typeof shows)[number];

function Filters({ show, q, customer }: { show?: Show; q?: string; customer?: string }) {
  return (
    <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
      <nav aria-label={t.orders.filter} className="-mx-4 flex min-w-0 gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1">
        {[undefined, ...shows].map((value) => (
          <Link
            key={value ?? 'any'}
            from="/t/$tenant/orders"
            to="."
            search={(before) => ({ ...before, show: value, customer: undefined })}
            replace
            aria-current={(show === value && !customer) || undefined}
            className={cx(
              'flex min-h-9 items-center whitespace-nowrap rounded-full px-3 text-table font-medium',
              show === value && !customer ? 'bg-ink text-canvas' : 'text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            {value ? t.orders.shows[value] : t.orders.any}
          </Link>
        ))}
      </nav>
      <SearchField q={q} label={t.orders.search} className="sm:w-72" />
    </div>
  );
}

function Nothing({ filtered, mode }: { filtered: boolean; mode: Mode }) {
  if (!filtered)
    return (
      <Empty title={t.orders.emptyTitle(t.orders.modes[mode].toLowerCase())} act={<Create mode={mode} />}>
        {t.orders.emptyText}
      </Empty>
    );
  return (
    <Empty
      title={t.orders.noHit}
      act={
        <Link from="/t/$tenant/orders" to="." search={(before) => ({ mode: before.mode })} className={actClass()}>
          {c.history.clear}
        </Link>
      }
    />
  );
}
