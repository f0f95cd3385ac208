import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as b from '../messages/books';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { isZero } from '../orders/amount';
import { modeOf } from '../orders/mode';
import { Top } from '../orders/Top';
import { usePlace } from '../shell/context';
import { Act } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Money, money } from '../ui/Money';
import { Empty } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { arrivalOf } from './arrival';
import { PayoutsQuery } from './documents';

/** What Stripe has paid out, and how far each is explained. */
export function Payouts() {
  const { tenant } = usePlace();
  const mode = modeOf(useSearch({ from: '/t/$tenant/orders/payouts' }));
  const [after, setAfter] = useState<string | null>(null);
  const [asked, setAsked] = useState(mode);
  if (asked !== mode) {
    setAsked(mode);
    setAfter(null);
  }
  const read = useRead(PayoutsQuery, { slug: tenant.slug, mode, after });
  return (
    <>
      <Top title={t.orders.tabs.payouts} mode={mode} />
      <Sheet>
        <Loaded
          {...read}
          skeleton={
            <div className="px-4">
              <Rows n={5} label={c.common.loading} />
            </div>
          }
        >
          {({ tenant: found }) =>
            found && found.payouts.nodes.length > 0 ? (
              <>
                <ul className="divide-y divide-hairline">
                  {found.payouts.nodes.map((payout) => (
                    <li key={payout.id} className="row">
                      <Link
                        to="/t/$tenant/orders/payouts/$id"
                        params={{ tenant: tenant.slug, id: payout.id }}
                        preload={false}
                        className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-canvas sm:grid-cols-[minmax(0,1fr)_minmax(0,2fr)_8rem]"
                      >
                        <span className="min-w-0">
                          <span className="block font-semibold">
                            {b.payouts.status[payout.status] ?? payout.status}
                          </span>
                          {arrivalOf(payout) && <span className="block text-xs text-ink-3">{arrivalOf(payout)}</span>}
                        </span>
                        <span className="text-table text-ink-2 max-sm:order-last max-sm:col-span-2">
                          {b.payouts.transactions(payout.transactionCount)} ·{' '}
                          {isZero(payout.residual) ? b.payouts.explained : b.payouts.residual(money(payout.residual))}
                        </span>
                        <span className="text-right font-medium">
                          <Money of={payout.amount} />
                          <span className="block text-xs font-normal text-ink-3">
                            {b.payouts.fees} <Money of={payout.fees} />
                          </span>
                        </span>
                      </Link>
                    </li>
                  ))}
                </ul>
                {found.payouts.pageInfo.hasNextPage && (
                  <div className="border-t border-hairline p-3 text-center">
                    <Act kind="quiet" busy={read.loading} onPress={() => setAfter(found.payouts.pageInfo.endCursor)}>
                      {c.history.older}
                    </Act>
                  </div>
                )}
              </>
            ) : (
              <Empty title={b.payouts.emptyTitle}>{b.payouts.emptyText}</Empty>
            )
          }
        </Loaded>
      </Sheet>
    </>
  );
}
