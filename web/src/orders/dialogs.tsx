import { type ReactNode, useState } from 'react';
import { useAct } from '../api/use';
import * as t from '../messages/orders';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { typedAmount } from './amount';
import { CancelOrder, CaptureOrder, FulfillOrder, type Order } from './documents';
import { useOnce } from './useOnce';

type Props = { order: Order; onClose: () => void };
type ShapeProps = {
  title: string;
  text: string;
  go: ReactNode;
  danger?: boolean;
  busy: boolean;
  why?: string | null;
  refused: string | null;
  onGo: () => void;
  onClose: () => void;
  children?: ReactNode;
};

/** Names what is about to happen and to which order; the way back comes first. */
function Shape({ title, text, go, danger, busy, why, refused, onGo, onClose, children }: ShapeProps) {
  return (
    <Dialog
      alert
      title={title}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{t.acts.keep}</Act>
          <Act kind={danger ? 'danger' : 'primary'} busy={busy} why={why} onPress={onGo}>
            {go}
          </Act>
        </>
      }
    >
      <div className="grid gap-4">
        <p className="text-ink-2">{text}</p>
        {children}
        {refused && (
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}

export function CaptureDialog({ order, onClose }: Props) {
  const held = order.authorized;
  const { once, refused, settle } = useOnce(t.acts.done.capture, onClose);
  const [capture, busy] = useAct(CaptureOrder);
  const [text, setText] = useState(held.amount);
  const currency = held.currency.toUpperCase();
  const amount = typedAmount(text, held.currency);
  return (
    <Shape
      title={t.acts.captureTitle(order.number)}
      text={t.acts.captureText(money(held))}
      go={t.acts.captureGo(money(amount ?? held))}
      busy={busy}
      why={amount ? null : t.acts.badAmount(currency)}
      refused={refused}
      onGo={() => void capture({ input: once({ orderId: order.id, amount, version: order.version }) }).then(settle)}
      onClose={onClose}
    >
      <Field label={t.acts.amount(currency)} value={text} onChange={setText} />
    </Shape>
  );
}

export function CancelDialog({ order, onClose }: Props) {
  const { once, refused, settle } = useOnce(t.acts.done.cancel, onClose);
  const [cancel, busy] = useAct(CancelOrder);
  const [reason, setReason] = useState('');
  return (
    <Shape
      danger
      title={t.acts.cancelTitle(order.number)}
      text={t.acts.cancelText}
      go={t.acts.cancelGo}
      busy={busy}
      refused={refused}
      onGo={() =>
        void cancel({
          input: once({ orderId: order.id, reason: reason.trim() || null, version: order.version }),
        }).then(settle)
      }
      onClose={onClose}
    >
      <Field label={t.acts.cancelReason} value={reason} onChange={setReason} />
    </Shape>
  );
}

export function FulfillDialog({ order, onClose }: Props) {
  const { once, refused, settle } = useOnce(t.acts.done.fulfill, onClose);
  const [fulfill, busy] = useAct(FulfillOrder);
  return (
    <Shape
      title={t.acts.fulfillTitle(order.number)}
      text={t.acts.fulfillText}
      go={t.acts.fulfillGo}
      busy={busy}
      refused={refused}
      onGo={() => void fulfill({ input: once({ orderId: order.id, version: order.version }) }).then(settle)}
      onClose={onClose}
    />
  );
}
