import { useState } from 'react';
import { useAct } from '../api/use';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { fieldClass } from '../ui/Field.styles';
import { money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { minus, sumOf, typedAmount } from './amount';
import { type Order, RefundOrder } from './documents';
import { methodOf } from './Money';
import { useOnce } from './useOnce';

/** What of a payment nobody has given back or is about to. */
function leftOf(order: Order) {
  const given = order.refunds.filter(({ status }) => status !== 'FAILED' && status !== 'CANCELLED');
  return minus(order.captured, ...given.map(({ amount }) => amount));
}

/** How the customer paid, and what that cost. */
function paidBy(order: Order) {
  const taken = order.payments.filter(({ status }) => status === 'CAPTURED');
  const [first] = taken;
  const fees = taken.flatMap(({ fee }) => (fee ? [{ of: fee, times: 1 }] : []));
  return {
    to: first?.method ? t.page.byCard(methodOf(first.method), first.last4) : t.acts.refundTo,
    fee: fees[0] ? sumOf(fees, fees[0].of.currency) : null,
  };
}

/** Says what the customer gets and what the business doesn't get back, before any of it happens. */
export default function RefundDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const left = leftOf(order);
  const { to, fee } = paidBy(order);
  const { once, refused, settle } = useOnce(t.acts.done.refund, onClose);
  const [refund, busy] = useAct(RefundOrder);
  const [text, setText] = useState(left.amount);
  const [reason, setReason] = useState('requested_by_customer');
  const currency = left.currency.toUpperCase();
  const amount = typedAmount(text, left.currency);
  const go = () =>
    void refund({
      input: once({ orderId: order.id, amount, reason: reason || null, version: order.version }),
    }).then(settle);
  return (
    <Dialog
      alert
      title={t.acts.refundTitle(order.number)}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{c.common.cancel}</Act>
          <Act kind="danger" busy={busy} why={amount ? null : t.acts.badAmount(currency)} onPress={go}>
            {t.acts.refundGo(amount ? money(amount) : '')}
          </Act>
        </>
      }
    >
      <div className="grid gap-4">
        <Field
          label={t.acts.amount(currency)}
          hint={t.acts.refundLeft(money(left))}
          value={text}
          onChange={setText}
          focus
        />
        <label className="grid gap-1.5">
          <span className="text-sm font-medium">{t.acts.refundReason}</span>
          <select value={reason} onChange={(event) => setReason(event.target.value)} className={fieldClass}>
            {Object.entries(t.acts.reasons).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
            <option value="">{t.acts.noReason}</option>
          </select>
        </label>
        <div role="status" className="grid gap-1 rounded-panel bg-sunken px-4 py-3">
          {amount && (
            <p>
              {t.acts.refundGets(money(amount), to)} {t.acts.refundDays}
            </p>
          )}
          <p className="text-ink-2">{fee ? t.acts.feeStays(money(fee)) : t.acts.feeUnknown}</p>
        </div>
        {refused && (
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
