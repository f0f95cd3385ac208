import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import * as t from '../messages/en';
import { Dialog } from '../ui/Dialog';
import { fieldClass } from '../ui/Field.styles';
import { cx } from '../ui/cx';
import { type Item, useItems } from './useItems';

/** Goes anywhere by a few letters: what is typed filters, arrows choose, Enter goes. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState('');
  const search = useSettled(text.trim());
  const items = useItems(text.trim(), search);
  const [chosen, choose] = useState(0);
  const at = Math.min(chosen, items.length - 1);
  const go = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.go();
  };
  const press = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const next = moves[event.key];
    if (event.key === 'Enter') go(items[at]);
    if (next !== undefined && items.length > 0) choose((next + items.length) % items.length);
    if (event.key === 'Enter' || next !== undefined) event.preventDefault();
  };
  return (
    <Dialog title={t.palette.title} onClose={onClose}>
      <input
        role="combobox"
        aria-label={t.palette.search}
        aria-expanded={items.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={items[at] && `${id}${at}`}
        placeholder={t.palette.search}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          choose(0);
        }}
        onKeyDown={press}
        // It is opened to type into.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        className={fieldClass}
      />
      <p role="status" className="sr-only">
        {t.palette.count(items.length)}
      </p>
      {items.length === 0 && <p className="py-6 text-center text-ink-2">{t.palette.none(text)}</p>}
      <div
        id={id}
        role="listbox"
        aria-label={t.palette.title}
        className="mt-3 grid gap-0.5"
        hidden={items.length === 0}
      >
        {items.map((item, i) => (
          <Option
            key={item.key}
            id={`${id}${i}`}
            item={item}
            first={item.group !== items[i - 1]?.group}
            on={i === at}
            go={() => go(item)}
          />
        ))}
      </div>
    </Dialog>
  );
}

type OptionProps = { id: string; item: Item; first: boolean; on: boolean; go: () => void };

function Option({ id, item, first, on, go }: OptionProps) {
  const self = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (on) self.current?.scrollIntoView({ block: 'nearest' });
  }, [on]);
  return (
    <>
      {first && (
        <div role="presentation" className="px-2.5 pt-2 text-xs font-medium text-ink-3">
          {t.palette.groups[item.group]}
        </div>
      )}
      <button
        ref={self}
        type="button"
        id={id}
        role="option"
        aria-selected={on}
        tabIndex={-1}
        onClick={go}
        className={cx(
          'flex min-h-11 w-full cursor-pointer items-center gap-3 rounded-control px-2.5 text-left text-sm sm:min-h-9',
          on ? 'bg-sunken text-ink' : 'text-ink-2 hover:bg-sunken',
        )}
      >
        <span className="min-w-0 grow truncate font-medium">{item.label}</span>
        {item.note && <span className="data shrink-0 text-xs text-ink-3">{item.note}</span>}
      </button>
    </>
  );
}

/** A text once it has stood still: not every letter is a question to the server. */
function useSettled(text: string) {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), 150);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
