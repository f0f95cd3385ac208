import { Link } from '@tanstack/react-router';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Glyph, Word } from '../ui/Glyph';
import { Money } from '../ui/Money';
import * as t from '../messages/orders';
import { isZero } from './amount';
import type { Row } from './documents';
import { attentionOf, orderStatusOf } from './status';

/** Orders as one list; with reasons, why each of them needs somebody. */
export function List({ rows, reasons }: { rows: Row[]; reasons?: boolean }) {
  const { tenant } = usePlace();
  return (
    <ul className="divide-y divide-hairline">
      {rows.map((row) => (
        <li key={row.id} className="row">
          <Link
            to="/t/$tenant/orders/$id"
            params={{ tenant: tenant.slug, id: row.id }}
            preload={false}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-canvas sm:grid-cols-[minmax(0,1.1fr)_minmax(0,1.4fr)_minmax(0,1.4fr)_8rem_6.5rem]"
          >
            <span className="min-w-0">
              <span className="data block truncate font-semibold">{row.number}</span>
              {row.reference && <span className="block truncate text-xs text-ink-3">{row.reference}</span>}
            </span>
            <span className="truncate text-table text-ink-2 max-sm:order-3 max-sm:col-span-2">{row.customer}</span>
            <span className="min-w-0 max-sm:order-2">
              <Word status={orderStatusOf(row.status)} />
              {row.attention[0] && (
                <span className="flex items-center gap-1.5 truncate text-xs text-critical">
                  <Glyph shape="diamond" size={10} />
                  {attentionOf(row.attention[0]).word}
                </span>
              )}
            </span>
            <span className="text-right font-medium max-sm:order-1">
              <Money of={row.total} />
              {!isZero(row.refunded) && (
                <span className="block text-xs font-normal text-ink-3">
                  {t.page.sums.refunded} <Money of={row.refunded} />
                </span>
              )}
            </span>
            <span className="data text-right text-xs text-ink-2 max-sm:order-2">
              <When at={row.createdAt} />
            </span>
            {reasons && row.attention[0] && (
              <span className="order-last col-span-full text-table text-ink-2">
                {attentionOf(row.attention[0]).text}
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}
