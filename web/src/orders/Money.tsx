import { Link } from '@tanstack/react-router';
import * as t from '../messages/orders';
import { usePlace } from '../shell/context';
import { actClass } from '../ui/Act';
import { useDueNow } from '../time/clock';
import { between, duration } from '../time/format';
import { When } from '../time/When';
import { Word } from '../ui/Glyph';
import { Money } from '../ui/Money';
import { Section } from '../ui/Panel';
import { isZero } from './amount';
import type { Order } from './documents';
import { disputeStatusOf, needsAnswer, paymentStatusOf, refundStatusOf } from './status';

/** What was bought, and the sums of what became of the money. */
export function Bought({ order }: { order: Order }) {
  const sums = (['authorized', 'captured', 'refunded', 'disputed'] as const).filter((sum) => !isZero(order[sum]));
  return (
    <section aria-label={t.page.bought}>
      <ul className="divide-y divide-hairline">
        {order.lines.map((line) => (
          <li key={line.priceId} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-2.5">
            <span className="data text-ink-2">{t.page.quantity(line.quantity)}</span>
            <span className="min-w-0 flex-1 font-medium [overflow-wrap:anywhere]">
              {line.name}
              <span className="ml-2 font-normal text-ink-3">
                <Money of={line.unitAmount} />
              </span>
            </span>
            <Money of={line.amount} />
          </li>
        ))}
      </ul>
      <dl className="data ml-auto grid max-w-xs grid-cols-[1fr_auto] gap-x-6 gap-y-1 border-t border-hairline pt-3">
        <dt className="font-semibold">{t.page.total}</dt>
        <dd className="text-right text-title font-semibold">
          <Money of={order.total} />
        </dd>
        {sums.map((sum) => (
          <div key={sum} className="contents">
            <dt className="text-ink-2">{t.page.sums[sum]}</dt>
            <dd className="text-right">
              <Money of={order[sum]} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const lines = 'divide-y divide-hairline border-y border-hairline';
const line = 'flex flex-wrap items-baseline gap-x-4 gap-y-1 py-2.5';

/** Stripe's name for a way to pay, as people write it. */
export const methodOf = (method: string) =>
  t.methods[method] ?? (method.charAt(0).toUpperCase() + method.slice(1)).replaceAll('_', ' ');

/** Every attempt to pay, the newest first. */
export function Payments({ order }: { order: Order }) {
  return (
    <Section title={t.page.payments}>
      {order.payments.length === 0 ? (
        <p className="text-ink-2">{t.page.noPayments}</p>
      ) : (
        <ul className={lines}>
          {order.payments.toReversed().map((payment) => (
            <li key={payment.id} className={line}>
              <Word status={paymentStatusOf(payment.status)} />
              {payment.method && (
                <span className="text-ink-2">{t.page.byCard(methodOf(payment.method), payment.last4)}</span>
              )}
              <span className="ml-auto">
                <Money of={isZero(payment.captured) ? payment.amount : payment.captured} />
              </span>
              <span className="w-full text-xs text-ink-3">
                <When at={payment.createdAt} />
                {payment.fee && (
                  <>
                    {' '}
                    · {t.page.fee} <Money of={payment.fee} />
                  </>
                )}
              </span>
              {payment.message && (
                <span className="w-full text-table text-ink-2 [overflow-wrap:anywhere]">
                  {t.page.declined}: {payment.message}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Refunds({ order }: { order: Order }) {
  if (order.refunds.length === 0) return null;
  return (
    <Section title={t.page.refunds}>
      <ul className={lines}>
        {order.refunds.toReversed().map((refund) => (
          <li key={refund.id} className={line}>
            <Word status={refundStatusOf(refund.status)} />
            {refund.reason && <span className="text-ink-2">{t.acts.reasons[refund.reason] ?? refund.reason}</span>}
            <span className="ml-auto">
              <Money of={refund.amount} />
            </span>
            <span className="w-full text-xs text-ink-3">
              <When at={refund.createdAt} />{' '}
              {refund.source === 'DASHBOARD'
                ? t.page.dashboard
                : refund.requestedBy && t.page.refundBy(refund.requestedBy)}
            </span>
            {refund.failureReason && <span className="w-full text-table text-critical">{refund.failureReason}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** A dispute's time runs by the server's clock. */
export function Disputes({ order }: { order: Order }) {
  const { tenant } = usePlace();
  if (order.disputes.length === 0) return null;
  return (
    <Section title={t.page.disputes}>
      <ul className={lines}>
        {order.disputes.map((dispute) => (
          <li key={dispute.id} className={line}>
            <Word status={disputeStatusOf(dispute.status)} />
            <span className="text-ink-2">{methodOf(dispute.reason)}</span>
            <span className="ml-auto">
              <Money of={dispute.amount} />
            </span>
            {dispute.evidenceDueBy && needsAnswer(dispute.status) && (
              <span className="w-full text-table">
                <Countdown to={dispute.evidenceDueBy} />
              </span>
            )}
            <Link
              to="/t/$tenant/orders/disputes/$id"
              params={{ tenant: tenant.slug, id: dispute.id }}
              className={actClass()}
            >
              {needsAnswer(dispute.status) ? t.page.answerIt : t.page.lookAt}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Until when an answer has to be there, and how long that is. */
export function Countdown({ to }: { to: string }) {
  const now = useDueNow();
  const left = between(new Date(now).toISOString(), to);
  if (left <= 0) return <span className="text-critical">{t.page.overdue}</span>;
  return (
    <span className={left < 3 * 86_400 ? 'text-critical' : 'text-ink-2'}>
      {t.page.answerBy} <When at={to} precise />, {t.page.left(duration(left))}
    </span>
  );
}
