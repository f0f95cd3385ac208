import { useEffect, useMemo, useState } from 'react';
import { ComboBox } from 'react-aria-components/ComboBox';
import { Group } from 'react-aria-components/Group';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { useRead } from '../api/use';
import * as t from '../messages/orders';
import { usePlace } from '../shell/context';
import { fieldClass } from '../ui/Field.styles';
import { money } from '../ui/Money';
import { SellableQuery } from './documents';
import type { Mode } from './mode';
import { type Price, whyNot } from './sellable';

export type Offer = { id: string; name: string; price: Price; why: string | null };

/** Prices by their product's name: those that can't be ordered say why. */
export function PriceField({
  mode,
  currency,
  taken,
  onAdd,
  error,
}: {
  mode: Mode;
  currency: string | undefined;
  taken: string[];
  onAdd: (offer: Offer) => void;
  error: string | null;
}) {
  const { tenant } = usePlace();
  const [typed, setTyped] = useState('');
  const search = useSettled(typed.trim());
  const { data } = useRead(SellableQuery, { slug: tenant.slug, search: search || null });
  const items = useMemo(() => {
    const all = (data?.tenant?.products.nodes ?? []).flatMap(({ name, prices }) =>
      prices.map((price): Offer => ({ id: price.testId, name, price, why: whyNot(price, mode, currency) })),
    );
    return all
      .filter(({ id }) => !taken.includes(id))
      .sort((a, b) => Number(a.why !== null) - Number(b.why !== null))
      .slice(0, 40);
  }, [data, mode, currency, taken]);
  return (
    <ComboBox
      items={items}
      disabledKeys={items.filter(({ why }) => why).map(({ id }) => id)}
      inputValue={typed}
      onInputChange={setTyped}
      selectedKey={null}
      onSelectionChange={(key) => {
        const offer = items.find(({ id }) => id === key);
        if (!offer) return;
        onAdd(offer);
        setTyped('');
      }}
      menuTrigger="focus"
      allowsEmptyCollection
      className="grid gap-1.5"
    >
      <Label className="text-sm font-medium">{t.create.price}</Label>
      <Group>
        <Input placeholder={t.create.priceHint} className={fieldClass} />
      </Group>
      {error && <p className="text-xs text-critical">{error}</p>}
      <Popover className="fade w-(--trigger-width) overflow-auto rounded-panel bg-raised p-1.5 shadow-float">
        <ListBox
          className="max-h-72 overflow-auto outline-none"
          renderEmptyState={() => <p className="px-2.5 py-2 text-ink-2">{t.create.noPrice}</p>}
        >
          {({ id, name, price, why }: Offer) => (
            <ListBoxItem
              id={id}
              textValue={`${name} ${price.amount ? money(price.amount) : ''}`}
              className="grid min-h-11 cursor-pointer grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 rounded-control px-2.5 py-1.5 outline-none data-[focused]:bg-sunken data-[disabled]:cursor-not-allowed data-[disabled]:text-ink-3"
            >
              <span className="truncate font-medium">{name}</span>
              <span className="data">{price.amount && money(price.amount)}</span>
              <span className="col-span-2 truncate text-xs text-ink-3">
                {why ?? price.nickname ?? price.lookupKey ?? price.testId}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

/** What was typed, once it has stood for a moment: nobody waits for each letter. */
function useSettled(text: string) {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
