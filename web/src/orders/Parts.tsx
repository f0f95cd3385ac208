import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import * as t from '../messages/orders';
import { useMyZone, usePlace } from '../shell/context';
import { fullTime } from '../time/format';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Section } from '../ui/Panel';
import type { Event, Order } from './documents';
import { inAddress, type Mode } from './mode';

/** Its gap-free history, the newest at the end as it happens. */
export function Timeline({ events, more }: { events: Event[]; more: (() => void) | undefined }) {
  return (
    <Section title={t.page.timeline}>
      <ol className="data border-t border-hairline pt-2 text-table">
        {events.map((event) => (
          <li key={event.sequence} className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 py-1.5">
            <span className="text-ink-3">
              <When at={event.at} />
            </span>
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {event.message} <span className="text-ink-3">{event.actor}</span>
            </span>
          </li>
        ))}
      </ol>
      {more && <Act onPress={more}>{t.page.more}</Act>}
    </Section>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: [string, ReactNode][] }) {
  const told = pairs.filter(([, value]) => value);
  if (told.length === 0) return null;
  return (
    <Section title={title}>
      <dl className="data grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-4 gap-y-2 border-t border-hairline pt-3">
        {told.map(([name, value], i) => (
          <div key={`${name}${i}`} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0 [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Who, when and why. */
export function Facts({ order }: { order: Order }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  const at = (time: string | null) => time && fullTime(time, zone);
  const waits = order.status === 'CREATED' || order.status === 'AWAITING_PAYMENT';
  return (
    <>
      <Pairs
        title={t.page.facts}
        pairs={[
          [
            t.page.customer,
            <Link
              key="customer"
              to="/t/$tenant/orders"
              params={{ tenant: tenant.slug }}
              search={{ mode: inAddress(order.mode as Mode), customer: order.customer }}
              className="text-link underline"
            >
              {order.customer}
            </Link>,
          ],
          [t.page.email, order.email],
          [t.page.reference, order.reference],
          [t.page.created, at(order.createdAt)],
          [t.page.expires, waits && at(order.expiresAt)],
          [t.page.paid, at(order.paidAt)],
          [t.page.fulfilled, at(order.fulfilledAt)],
          [t.page.completed, at(order.completedAt)],
          [t.page.cancelReason, order.cancelReason],
        ]}
      />
      <Pairs title={t.page.metadata} pairs={Object.entries((order.metadata ?? {}) as Record<string, string>)} />
    </>
  );
}

/** Every id that Stripe or the host may ask for. */
export function Ids({ order }: { order: Order }) {
  const { idOf } = t.page;
  const all: [string, string | null][] = [
    [idOf.order, order.id],
    ...order.payments.flatMap((payment): [string, string | null][] => [
      [idOf.session, payment.stripeSessionId],
      [idOf.intent, payment.stripePaymentIntentId],
    ]),
    ...order.refunds.map((refund): [string, string | null] => [idOf.refund, refund.stripeRefundId]),
    ...order.disputes.map((dispute): [string, string | null] => [idOf.dispute, dispute.stripeDisputeId]),
    ...order.lines.map((line): [string, string | null] => [idOf.price, line.priceId]),
  ];
  return (
    <Pairs title={t.page.ids} pairs={all.map(([name, id]) => [name, id && <Copy key={id} text={id} label={name} />])} />
  );
}
