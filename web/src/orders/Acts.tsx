import { lazy, Suspense, useState } from 'react';
import { useAct } from '../api/use';
import * as t from '../messages/orders';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Notice } from '../ui/Notice';
import { toast } from '../ui/Toast';
import { type Order, StartCheckout } from './documents';
import { useKey } from './useOnce';

const dialogs = {
  capture: lazy(() => import('./dialogs').then((m) => ({ default: m.CaptureDialog }))),
  cancel: lazy(() => import('./dialogs').then((m) => ({ default: m.CancelDialog }))),
  fulfill: lazy(() => import('./dialogs').then((m) => ({ default: m.FulfillDialog }))),
  refund: lazy(() => import('./RefundDialog')),
};
const named = ['capture', 'fulfill', 'refund', 'cancel'] as const;

/** What can be done with an order, and why the rest can't. */
export function Acts({ order }: { order: Order }) {
  // A dialog is about the order as it was when it opened: what has changed since makes it ask again.
  const [open, setOpen] = useState<{ name: (typeof named)[number]; order: Order } | null>(null);
  const Dialog = open && dialogs[open.name];
  return (
    <>
      <div className="mt-6 flex flex-wrap items-start gap-2 border-t border-hairline pt-5">
        <Checkout order={order} />
        {named.map((name) => (
          <Act
            key={name}
            opens
            kind={name === 'cancel' ? 'danger' : 'plain'}
            why={order.can[name].ok ? null : order.can[name].why}
            whyHidden
            onPress={() => setOpen({ name, order })}
          >
            {t.acts[name]}
          </Act>
        ))}
      </div>
      <Suspense>{Dialog && <Dialog order={open.order} onClose={() => setOpen(null)} />}</Suspense>
    </>
  );
}

/** Leads to where the order is paid: here, or wherever the link is sent. */
function Checkout({ order }: { order: Order }) {
  const [start, busy] = useAct(StartCheckout);
  const [link, setLink] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const why = order.can.pay.ok ? null : order.can.pay.why;
  const { once, heard } = useKey();
  const checkoutUrl = async () => {
    setRefused(null);
    const answer = await start({ input: once({ orderId: order.id, flow: 'HOSTED' as const }) });
    heard(answer);
    const { payload, words } = answer;
    const url = payload?.checkoutUrl ?? null;
    setLink(url);
    if (!url) setRefused(words ?? payload?.payment?.message ?? t.acts.notOpen);
    return url;
  };
  // Where the browser keeps a window or the clipboard from us, the link stands below.
  const open = () => void checkoutUrl().then((url) => url && window.open(url, '_blank'));
  const copy = () =>
    void checkoutUrl()
      .then(async (url) => {
        if (!url) return;
        await navigator.clipboard.writeText(url);
        toast(t.acts.linkCopied);
      })
      .catch(() => undefined);
  return (
    <>
      <Act kind="primary" busy={busy} why={why} whyHidden onPress={open}>
        {t.acts.openCheckout}
      </Act>
      <Act busy={busy} why={why} whyHidden onPress={copy}>
        {t.acts.copyLink}
      </Act>
      {refused && (
        <div className="order-last w-full">
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        </div>
      )}
      {link && !why && (
        <div className="order-last w-full">
          <Notice tone="info">
            <p className="font-medium">{t.acts.link}</p>
            <Copy text={link} label={t.acts.link} />
            <p className="text-xs text-ink-2">{t.acts.linkText}</p>
          </Notice>
        </div>
      )}
    </>
  );
}
