import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct, useRead } from '../api/use';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import * as p from '../messages/payments';
import { ModuleQuery } from '../orders/documents';
import { modeOf } from '../orders/mode';
import { eventStatusOf } from '../orders/status';
import { Top } from '../orders/Top';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Empty, Notice } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { toast } from '../ui/Toast';
import { cx } from '../ui/cx';
import { ReplayWebhookEvents, type Statuses, type WebhookEvent, WebhookEvents } from './documents';

const statuses = { dead: ['DEAD'], waiting: ['RECEIVED'], aside: ['QUARANTINED'], foreign: ['FOREIGN'] } as const;
const shows = ['dead', 'waiting', 'aside', 'foreign'] as const;

/** What Stripe told, newest first, and what became of it. */
export function Events() {
  const { tenant, role } = usePlace();
  const search = useSearch({ from: '/t/$tenant/orders/events' });
  const mode = modeOf(search);
  const { show } = search;
  const [after, setAfter] = useState<string | null>(null);
  const key = `${mode} ${show}`;
  const [asked, setAsked] = useState(key);
  if (asked !== key) {
    setAsked(key);
    setAfter(null);
  }
  const status: Statuses = show ? [...statuses[show]] : null;
  const read = useRead(WebhookEvents, { slug: tenant.slug, mode, after, status });
  const module = useRead(ModuleQuery, { slug: tenant.slug, mode });
  const [replay, busy] = useAct(ReplayWebhookEvents);
  const [refused, setRefused] = useState<string | null>(null);
  const again = (which: { allDead: true } | { stripeEventIds: string[] }) =>
    void replay({ input: { tenantId: tenant.id, mode, ...which } }).then(({ payload, words }) => {
      setRefused(words);
      if (words) return;
      toast(p.events.replayed(payload?.replayed ?? 0));
      // All pages have been forgotten: the list begins anew.
      if (after) setAfter(null);
      else read.again();
      module.again();
    });
  const dead = module.data?.tenant?.payments.deadEvents ?? 0;
  const notMine = role === 'ADMIN' ? null : p.events.onlyAdmin;
  return (
    <>
      <Top
        title={t.orders.tabs.events}
        mode={mode}
        acts={
          <Act
            busy={busy}
            why={notMine ?? (dead === 0 ? p.events.replayAllNone : null)}
            whyHidden
            onPress={() => again({ allDead: true })}
          >
            {p.events.replayAll(dead)}
          </Act>
        }
      />
      <p className="mb-4 max-w-[70ch] text-ink-2">{p.events.text}</p>
      {refused && (
        <div className="mb-4">
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        </div>
      )}
      <nav aria-label={p.events.filter} className="-mx-4 mb-3 flex gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1">
        {[undefined, ...shows].map((value) => (
          <Link
            key={value ?? 'any'}
            from="/t/$tenant/orders/events"
            to="."
            search={(before) => ({ ...before, show: value })}
            replace
            aria-current={show === value || undefined}
            className={cx(
              'flex min-h-9 items-center whitespace-nowrap rounded-full px-3 text-table font-medium',
              show === value ? 'bg-ink text-canvas' : 'text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            {value ? p.events.shows[value] : t.orders.any}
          </Link>
        ))}
      </nav>
      <Sheet>
        <Loaded
          {...read}
          skeleton={
            <div className="px-4">
              <Rows n={8} label={c.common.loading} />
            </div>
          }
        >
          {({ tenant: found }) =>
            found && found.webhookEvents.nodes.length > 0 ? (
              <>
                <ul className="divide-y divide-hairline">
                  {found.webhookEvents.nodes.map((event) => (
                    <Line
                      key={event.id}
                      event={event}
                      why={notMine}
                      busy={busy}
                      onReplay={() => again({ stripeEventIds: [event.stripeEventId] })}
                    />
                  ))}
                </ul>
                {found.webhookEvents.pageInfo.hasNextPage && (
                  <div className="border-t border-hairline p-3 text-center">
                    <Act
                      kind="quiet"
                      busy={read.loading}
                      onPress={() => setAfter(found.webhookEvents.pageInfo.endCursor)}
                    >
                      {c.history.older}
                    </Act>
                  </div>
                )}
              </>
            ) : (
              <Empty title={show ? p.events.noHit : p.events.emptyTitle}>{show ? undefined : p.events.emptyText}</Empty>
            )
          }
        </Loaded>
      </Sheet>
    </>
  );
}

type LineProps = { event: WebhookEvent; why: string | null; busy: boolean; onReplay: () => void };

function Line({ event, why, busy, onReplay }: LineProps) {
  const { tenant } = usePlace();
  return (
    <li className="row grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 sm:grid-cols-[minmax(0,1.6fr)_minmax(0,1fr)_minmax(0,1fr)_5.5rem]">
      <span className="min-w-0">
        <span className="block truncate font-semibold">{event.type}</span>
        <Copy text={event.stripeEventId} label={event.type} />
      </span>
      <span className="min-w-0 max-sm:order-last max-sm:col-span-2">
        <Word status={eventStatusOf(event.status)} />
        {event.order && (
          <Link
            to="/t/$tenant/orders/$id"
            params={{ tenant: tenant.slug, id: event.order.id }}
            preload={false}
            className="block truncate text-xs text-link underline"
          >
            {t.orders.order(event.order.number)}
          </Link>
        )}
      </span>
      <span className="text-xs text-ink-2 max-sm:order-last max-sm:col-span-2">
        <When at={event.receivedAt} />
        <span className="block text-ink-3">
          {event.source === 'BACKFILL' ? p.events.found : p.events.deliveries(event.deliveries)}
        </span>
      </span>
      <Act kind="quiet" label={p.events.replayOf(event.type)} busy={busy} why={why} whyHidden onPress={onReplay}>
        {p.events.replay}
      </Act>
      {event.error && (
        <span className="order-last col-span-full text-table text-ink-2 [overflow-wrap:anywhere]">{event.error}</span>
      )}
    </li>
  );
}
