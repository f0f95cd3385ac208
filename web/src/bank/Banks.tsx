import type { ReactNode } from 'react';
import * as t from '../messages/en';
import { Money } from '../ui/Money';
import { cx } from '../ui/cx';
import type { InMode } from './documents';

/** What it costs on one bank, in few words. */
export function Price({ of }: { of: InMode }) {
  if (!of.price)
    return <span className="text-ink-2">{of.prices > 0 ? t.common.prices(of.prices) : t.common.none}</span>;
  return (
    <>
      <Money of={of.price} />
      {of.interval && <span className="text-ink-3"> {t.common.every(of.interval, of.intervalCount ?? 1)}</span>}
      {of.prices > 1 && <span className="text-ink-3"> +{of.prices - 1}</span>}
    </>
  );
}

/** One bank in a row: the edge says which, and so does the word. */
export function Bank({ mode, of }: { mode: 'test' | 'live'; of: InMode | null }) {
  return (
    <span
      className={cx(
        'block min-w-0 border-l-[3px] pl-2.5',
        mode === 'test' ? 'border-test' : of ? 'border-live' : 'border-hairline',
      )}
    >
      <span className="block text-[0.6875rem] leading-4 font-semibold tracking-wide text-ink-3 uppercase">
        {mode === 'test' ? t.common.test : t.common.live}
      </span>
      <span className="data block truncate text-table">
        {of ? (
          of.active ? (
            <Price of={of} />
          ) : (
            <span className="text-ink-2">{t.product.archived}</span>
          )
        ) : (
          <span className="text-ink-3">{t.common.notThere}</span>
        )}
      </span>
    </span>
  );
}

/** One bank, as a place: TEST has the amber edge, LIVE the green one. */
export function BankPanel({
  mode,
  of,
  fresh,
  children,
}: {
  mode: 'test' | 'live';
  of: InMode | null;
  fresh?: boolean;
  children?: ReactNode;
}) {
  return (
    <div
      className={cx(
        'min-w-0 border-t-[3px] pt-3',
        mode === 'test' ? 'border-test' : of ? 'border-live' : 'border-hairline',
        fresh && 'appear',
      )}
    >
      <p className="text-xs font-semibold tracking-wide text-ink-3 uppercase">
        {mode === 'test' ? t.common.test : t.common.live}
      </p>
      <p className="mt-1 truncate font-semibold">
        {of?.name ?? <span className="font-normal text-ink-3">{t.common.notThere}</span>}
      </p>
      <p className="data truncate text-title">
        {of ? of.active ? <Price of={of} /> : t.product.archived : <span aria-hidden>{t.home.noFigure}</span>}
      </p>
      {children}
    </div>
  );
}
