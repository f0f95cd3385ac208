import { Link } from '@tanstack/react-router';
import * as t from '../messages/en';
import { number } from '../messages/plural';
import { cx } from '../ui/cx';

export const shows = ['NOT_LIVE', 'CHANGED', 'LIVE', 'DRIFTED'] as const;
export type Show = (typeof shows)[number];

type Count = { liveStatus: string; count: number };

/** The states as pills with how many are in each; each is an address. */
export function Filter({ counts, show }: { counts: Count[] | undefined; show: Show | undefined }) {
  const of = (status: string) => counts?.find((c) => c.liveStatus === status)?.count;
  const all = counts?.reduce((sum, c) => sum + c.count, 0);
  return (
    <nav aria-label={t.products.filter} className="-mx-4 flex gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1">
      <Pill label={t.products.all} n={all} on={!show} />
      {shows.map((status) => (
        <Pill key={status} label={t.liveStatus[status]} n={of(status)} show={status} on={show === status} />
      ))}
    </nav>
  );
}

function Pill({ label, n, show, on }: { label: string; n: number | undefined; show?: Show; on: boolean }) {
  return (
    <Link
      from="/t/$tenant/products"
      to="."
      search={(before) => ({ ...before, show })}
      replace
      aria-current={on ? 'true' : undefined}
      className={cx(
        'data flex min-h-9 items-center gap-1.5 whitespace-nowrap rounded-full px-3 text-table font-medium',
        on ? 'bg-ink text-canvas' : 'text-ink-2 hover:bg-sunken hover:text-ink',
      )}
    >
      {label}
      <span className={cx('min-w-4 text-right', on ? 'opacity-75' : 'text-ink-3')}>
        {n === undefined ? '' : number(n)}
      </span>
    </Link>
  );
}
