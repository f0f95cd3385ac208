import { Link } from '@tanstack/react-router';
import { Bank } from '../bank/Banks';
import * as t from '../messages/en';
import { liveStatusOf, statusOf } from '../status/status';
import { When } from '../time/When';
import { actClass } from '../ui/Act';
import { Word } from '../ui/Glyph';
import { cx } from '../ui/cx';

import type { Row } from './documents';

/** The products as one list: columns where there is room, cards where not. */
export function List({ rows, slug, zone }: { rows: Row[]; slug: string; zone: string }) {
  return (
    <ul className="divide-y divide-hairline">
      {rows.map((row) => (
        <Item key={row.id} row={row} slug={slug} zone={zone} />
      ))}
    </ul>
  );
}

function Item({ row, slug, zone }: { row: Row; slug: string; zone: string }) {
  const running = row.activeDeployment;
  const params = { tenant: slug, product: row.id };
  return (
    <li className="row relative grid grid-cols-2 items-center gap-x-4 gap-y-3 px-4 py-3.5 hover:bg-canvas sm:grid-cols-[minmax(0,2.2fr)_repeat(2,minmax(6.5rem,1fr))_minmax(0,1.7fr)_5.5rem]">
      <div className="col-span-2 flex min-w-0 items-center gap-3 sm:col-span-1">
        <Tile name={row.name} gone={Boolean(row.goneAt)} />
        <div className="min-w-0">
          <Link
            to="/t/$tenant/products/$product"
            params={params}
            className="block truncate font-semibold after:absolute after:inset-0"
          >
            {row.name}
          </Link>
          <span className="block truncate font-mono text-xs text-ink-3">{row.stripeProductId}</span>
        </div>
      </div>
      <Bank mode="test" of={row.inTest} />
      <Bank mode="live" of={row.inLive} />
      <div className="col-span-2 min-w-0 sm:col-span-1">
        <Word status={running ? statusOf(running) : liveStatusOf(row)} />
        <p className="truncate text-xs text-ink-2">
          {row.nextScheduled?.scheduledFor ? (
            <>
              {t.products.columns.next} <When at={row.nextScheduled.scheduledFor} zone={zone} precise />
            </>
          ) : (
            row.known && row.known.count > 0 && (row.known.lines[0] ?? t.products.changes(row.known.count))
          )}
        </p>
      </div>
      <Link
        to="/t/$tenant/products/$product"
        params={params}
        search={{ open: running || row.goneAt ? undefined : 'review' }}
        preload="intent"
        aria-label={`${running ? t.product.watch : t.products.review}: ${row.name}`}
        className={cx(actClass('plain'), 'relative z-[1] max-sm:hidden', row.goneAt && 'invisible')}
      >
        {running ? t.product.watch : t.products.review}
      </Link>
    </li>
  );
}

/** A product's initial in its own place: pictures would be fetched from elsewhere. */
export function Tile({ name, gone, large }: { name: string; gone?: boolean; large?: boolean }) {
  return (
    <span
      aria-hidden
      className={cx(
        'grid shrink-0 place-items-center rounded-control bg-sunken font-semibold text-ink-2',
        large ? 'size-12 text-title' : 'size-9',
        gone && 'opacity-50',
      )}
    >
      {name.trim().charAt(0).toUpperCase() || '?'}
    </span>
  );
}
