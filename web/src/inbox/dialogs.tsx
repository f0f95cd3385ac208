import { type ReactNode, useState } from 'react';
import { type Answer, useAct } from '../api/use';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import * as p from '../messages/payments';
import type { Module } from '../orders/documents';
import { usePlace } from '../shell/context';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { toast } from '../ui/Toast';
import { DisablePayments, EnablePayments } from './documents';

type Props = { module: Module; onClose: () => void };
const wordOf = ({ mode }: Module) => (mode === 'LIVE' ? t.orders.modes.LIVE : t.orders.modes.TEST).toLowerCase();

/** What an answer means for a dialog: it says why not, or closes with a word. */
function useEnd(done: string, onClose: () => void) {
  const [refused, setRefused] = useState<string | null>(null);
  const end = ({ words }: Pick<Answer<unknown>, 'words'>) => {
    setRefused(words);
    if (words) return;
    toast(done);
    onClose();
  };
  return [end, refused] as const;
}

const Refused = ({ words }: { words: string | null }): ReactNode =>
  words && (
    <Notice tone="critical" urgent>
      {words}
    </Notice>
  );

export function EnableDialog({ module, onClose }: Props) {
  const { tenant } = usePlace();
  const [enable, busy] = useAct(EnablePayments);
  const [end, refused] = useEnd(p.payments.enabled, onClose);
  const go = () => void enable({ input: { tenantId: tenant.id, mode: module.mode } }).then(end);
  return (
    <Dialog
      title={p.payments.enableTitle(wordOf(module))}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{c.common.cancel}</Act>
          <Act kind="primary" busy={busy} onPress={go}>
            {p.payments.enableGo}
          </Act>
        </>
      }
    >
      <div className="grid gap-4">
        <p className="text-ink-2">{p.payments.enableText(wordOf(module))}</p>
        <Refused words={refused} />
      </div>
    </Dialog>
  );
}

export function DisableDialog({ module, onClose }: Props) {
  const { tenant } = usePlace();
  const [disable, busy] = useAct(DisablePayments);
  const [end, refused] = useEnd(p.payments.disabled, onClose);
  const [reason, setReason] = useState('');
  const go = () => void disable({ input: { tenantId: tenant.id, mode: module.mode, reason: reason.trim() } }).then(end);
  return (
    <Dialog
      alert
      title={p.payments.disableTitle(wordOf(module))}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{p.payments.keep}</Act>
          <Act kind="danger" busy={busy} why={reason.trim() ? null : p.payments.disableNoReason} onPress={go}>
            {p.payments.disableGo}
          </Act>
        </>
      }
    >
      <div className="grid gap-4">
        <p className="text-ink-2">{p.payments.disableText}</p>
        <Field label={p.payments.disableReason} value={reason} onChange={setReason} />
        <Refused words={refused} />
      </div>
    </Dialog>
  );
}

export function OriginsDialog({ module, onClose }: Props) {
  const { tenant } = usePlace();
  const [enable, busy] = useAct(EnablePayments);
  const [end, refused] = useEnd(c.settings.saved, onClose);
  const [text, setText] = useState(module.origins.join('\n'));
  const origins = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const go = () => void enable({ input: { tenantId: tenant.id, mode: module.mode, origins } }).then(end);
  return (
    <Dialog
      title={p.payments.originsTitle(wordOf(module))}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{c.common.cancel}</Act>
          <Act kind="primary" busy={busy} onPress={go}>
            {p.payments.save}
          </Act>
        </>
      }
    >
      <Field
        label={p.payments.origins}
        hint={p.payments.originsHint}
        value={text}
        onChange={setText}
        error={refused}
        lines={4}
        focus
      />
    </Dialog>
  );
}
