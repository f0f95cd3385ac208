import { X } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '../api/use';
import type { UserError } from '../api/errors';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { usePlace } from '../shell/context';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { fieldClass } from '../ui/Field.styles';
import { Money, money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { sumOf } from './amount';
import { CreateOrder } from './documents';
import type { Mode } from './mode';
import { type Offer, PriceField } from './PriceField';
import { useOnce } from './useOnce';

type Line = Offer & { quantity: string };
type Props = { mode: Mode; onClose: () => void; onCreated: (orderId: string) => void };

const countOf = (text: string) => (/^\d{1,5}$/.test(text) ? Number(text) : 0);
const isCount = (n: number) => n >= 1 && n <= 10_000;

/** Who buys what: the order can be paid as soon as it's there. */
export default function NewOrderDialog({ mode, onClose, onCreated }: Props) {
  const { tenant } = usePlace();
  const [customer, setCustomer] = useState('');
  const [email, setEmail] = useState('');
  const [reference, setReference] = useState('');
  const [manual, setManual] = useState(false);
  const [lines, setLines] = useState<Line[]>([]);
  const [tried, setTried] = useState(false);
  const [errors, setErrors] = useState<UserError[]>([]);
  const [create, busy] = useAct(CreateOrder);
  const { once, refused, settle } = useOnce(t.acts.done.create, onClose);
  const currency = lines[0]?.price.amount?.currency;
  const whole = customer.trim() !== '' && lines.length > 0 && lines.every((line) => isCount(countOf(line.quantity)));

  const go = async () => {
    setTried(true);
    if (!whole) return;
    const answer = await create({
      input: once({
        tenantId: tenant.id,
        mode,
        customer: customer.trim(),
        email: email.trim() || null,
        reference: reference.trim() || null,
        captureMethod: manual ? ('MANUAL' as const) : ('AUTOMATIC' as const),
        lines: lines.map(({ id, quantity }) => ({ priceId: id, quantity: countOf(quantity) })),
      }),
    });
    setErrors(answer.userErrors);
    settle(answer);
    if (!answer.words && answer.payload?.order) onCreated(answer.payload.order.id);
  };
  const change = (id: string, quantity: string) =>
    setLines((lines) => lines.map((line) => (line.id === id ? { ...line, quantity } : line)));
  const said = (field: string) => errors.find((e) => e.field?.[1] === field)?.message ?? null;
  const placed = new Set(['customer', 'email', 'reference']);
  const general = errors.length > 0 && errors.every((e) => placed.has(e.field?.[1] ?? '')) ? null : refused;
  return (
    <Dialog
      wide
      title={t.create.title(t.orders.modes[mode].toLowerCase())}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{c.common.cancel}</Act>
          <Act kind="primary" busy={busy} onPress={() => void go()}>
            {t.create.go}
          </Act>
        </>
      }
    >
      <div className="grid gap-4">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label={t.create.customer}
            hint={t.create.customerHint}
            value={customer}
            onChange={setCustomer}
            error={said('customer') ?? (tried && customer.trim() === '' ? t.create.noCustomer : null)}
            focus
          />
          <Field
            label={t.create.email}
            hint={t.create.emailHint}
            value={email}
            onChange={setEmail}
            error={said('email')}
            type="email"
          />
        </div>
        <PriceField
          mode={mode}
          currency={currency}
          taken={lines.map(({ id }) => id)}
          onAdd={(offer) => setLines((lines) => [...lines, { ...offer, quantity: '1' }])}
          error={tried && lines.length === 0 ? t.create.noLines : null}
        />
        {lines.length > 0 && (
          <Lines
            lines={lines}
            onChange={change}
            onRemove={(id) => setLines((lines) => lines.filter((line) => line.id !== id))}
          />
        )}
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label={t.create.reference}
            hint={t.create.referenceHint}
            value={reference}
            onChange={setReference}
            error={said('reference')}
          />
          <label className="flex cursor-pointer gap-3 sm:mt-6">
            <input
              type="checkbox"
              checked={manual}
              onChange={(event) => setManual(event.target.checked)}
              className="mt-0.5 size-4 accent-(--link)"
            />
            <span>
              <span className="block font-medium">{t.create.manual}</span>
              <span className="block text-xs text-ink-2">{t.create.manualText}</span>
            </span>
          </label>
        </div>
        {general && (
          <Notice tone="critical" urgent>
            {general}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}

type LinesProps = {
  lines: Line[];
  onChange: (id: string, quantity: string) => void;
  onRemove: (id: string) => void;
};

function Lines({ lines, onChange, onRemove }: LinesProps) {
  const currency = lines[0]!.price.amount!.currency;
  const total = sumOf(
    lines.map(({ price, quantity }) => ({ of: price.amount!, times: countOf(quantity) })),
    currency,
  );
  return (
    <section aria-label={t.create.lines}>
      <ul className="divide-y divide-hairline border-y border-hairline">
        {lines.map((line) => (
          <li key={line.id} className="flex flex-wrap items-center gap-3 py-2">
            <span className="min-w-0 flex-1 basis-40">
              <span className="block truncate font-medium">{line.name}</span>
              <span className="block truncate text-xs text-ink-3">
                {money(line.price.amount!)} {line.price.nickname}
              </span>
            </span>
            <span className="w-20">
              <input
                aria-label={t.create.quantity(line.name)}
                aria-invalid={!isCount(countOf(line.quantity)) || undefined}
                inputMode="numeric"
                value={line.quantity}
                onChange={(event) => onChange(line.id, event.target.value)}
                className={`${fieldClass} text-right`}
              />
            </span>
            <button
              type="button"
              aria-label={t.create.remove(line.name)}
              onClick={() => onRemove(line.id)}
              className="grid size-11 cursor-pointer place-items-center rounded-control text-ink-3 hover:bg-sunken hover:text-ink sm:size-9"
            >
              <X aria-hidden size={16} />
            </button>
            {!isCount(countOf(line.quantity)) && (
              <p role="alert" className="w-full text-right text-xs text-critical">
                {t.create.badQuantity}
              </p>
            )}
          </li>
        ))}
      </ul>
      <p className="flex justify-between gap-4 pt-2 font-semibold">
        {t.create.total} <Money of={total} />
      </p>
    </section>
  );
}
