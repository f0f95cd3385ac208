import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as b from '../messages/books';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { Countdown, methodOf } from '../orders/Money';
import { modeOf } from '../orders/mode';
import { disputeStatusOf, needsAnswer } from '../orders/status';
import { Top } from '../orders/Top';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Money } from '../ui/Money';
import { Empty } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { cx } from '../ui/cx';
import { DisputesQuery } from './documents';

const shows = ['open', 'over'] as const;

/** What customers' banks ask back, with the time left to answer. */
export function Disputes() {
  const { tenant } = usePlace();
  const search = useSearch({ from: '/t/$tenant/orders/disputes' });
  const mode = modeOf(search);
  const { show } = search;
  const [after, setAfter] = useState<string | null>(null);
  const key = `${mode} ${show}`;
  const [asked, setAsked] = useState(key);
  if (asked !== key) {
    setAsked(key);
    setAfter(null);
  }
  const read = useRead(DisputesQuery, { slug: tenant.slug, mode, after, open: show ? show === 'open' : null });
  return (
    <>
      <Top title={t.orders.tabs.disputes} mode={mode} />
      <nav aria-label={b.disputes.filter} className="-mx-4 mb-3 flex gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1">
        {[undefined, ...shows].map((value) => (
          <Link
            key={value ?? 'any'}
            from="/t/$tenant/orders/disputes"
            to="."
            search={(before) => ({ ...before, show: value })}
            replace
            aria-current={show === value || undefined}
            className={cx(
              'flex min-h-9 items-center whitespace-nowrap rounded-full px-3 text-table font-medium',
              show === value ? 'bg-ink text-canvas' : 'text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            {value ? b.disputes[value] : b.disputes.any}
          </Link>
        ))}
      </nav>
      <Sheet>
        <Loaded
          {...read}
          skeleton={
            <div className="px-4">
              <Rows n={4} label={c.common.loading} />
            </div>
          }
        >
          {({ tenant: found }) =>
            found && found.disputes.nodes.length > 0 ? (
              <>
                <ul className="divide-y divide-hairline">
                  {found.disputes.nodes.map((dispute) => (
                    <li key={dispute.id} className="row">
                      <Link
                        to="/t/$tenant/orders/disputes/$id"
                        params={{ tenant: tenant.slug, id: dispute.id }}
                        preload={false}
                        className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-canvas sm:grid-cols-[minmax(0,1.2fr)_minmax(0,1.5fr)_minmax(0,1.5fr)_7rem]"
                      >
                        <span className="min-w-0">
                          <span className="block truncate font-semibold">
                            {dispute.order ? t.orders.order(dispute.order.number) : b.disputes.ofNone}
                          </span>
                          <span className="block truncate text-xs text-ink-3">{dispute.order?.customer}</span>
                        </span>
                        <span className="min-w-0 max-sm:order-last">
                          <Word status={disputeStatusOf(dispute.status)} />
                          <span className="block truncate text-xs text-ink-2">{methodOf(dispute.reason)}</span>
                        </span>
                        <span className="text-table max-sm:order-last max-sm:col-span-2">
                          {dispute.evidenceDueBy && needsAnswer(dispute.status) ? (
                            <Countdown to={dispute.evidenceDueBy} />
                          ) : (
                            <When at={dispute.createdAt} />
                          )}
                        </span>
                        <span className="text-right font-medium">
                          <Money of={dispute.amount} />
                        </span>
                      </Link>
                    </li>
                  ))}
                </ul>
                {found.disputes.pageInfo.hasNextPage && (
                  <div className="border-t border-hairline p-3 text-center">
                    <Act kind="quiet" busy={read.loading} onPress={() => setAfter(found.disputes.pageInfo.endCursor)}>
                      {c.common.showMore}
                    </Act>
                  </div>
                )}
              </>
            ) : (
              <Empty title={show ? b.disputes.noHit : b.disputes.emptyTitle}>
                {show ? undefined : b.disputes.emptyText}
              </Empty>
            )
          }
        </Loaded>
      </Sheet>
    </>
  );
}
