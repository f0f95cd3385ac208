import { Link } from '@tanstack/react-router';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { isHeld, statusOf } from '../status/status';
import { useDueNow } from '../time/clock';
import { cityOf, duration, shortTime } from '../time/format';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Word } from '../ui/Glyph';
import type { Scheduled } from './documents';

export type Intent = 'now' | 'move' | 'cancel';
type Props = { row: Scheduled; onIntent: (intent: Intent, row: Scheduled) => void };

/** One scheduled go-live: when, how long until then, why it waits, what can be done. */
export function Item({ row, onIntent }: Props) {
  const { tenant, service } = usePlace();
  const zone = useMyZone();
  return (
    <li className="row grid items-center gap-x-6 gap-y-3 px-4 py-3.5 sm:grid-cols-[minmax(0,1.3fr)_minmax(0,1.6fr)] lg:grid-cols-[11rem_minmax(0,1fr)_auto]">
      <div className="min-w-0">
        <p className="data font-semibold">{row.scheduledFor && <When at={row.scheduledFor} zone={zone} precise />}</p>
        <p className="data truncate text-xs text-ink-3">
          <Left row={row} />
        </p>
      </div>
      <div className="min-w-0">
        <p className="flex min-w-0 flex-wrap items-center gap-x-3">
          <Link
            to="/t/$tenant/deployments/$id"
            params={{ tenant: tenant.slug, id: row.id }}
            className="truncate font-semibold hover:underline"
          >
            {row.product?.name ?? t.deployment.aDeployment}
          </Link>
          <Word status={statusOf(row, Boolean(service?.pausedSince))} />
        </p>
        <p className="text-xs text-ink-2 [overflow-wrap:anywhere]">{reasonOf(row) ?? row.requestedBy}</p>
        {row.timeZone && row.timeZone !== zone && row.scheduledFor && (
          <p className="data text-xs text-ink-3">
            {shortTime(row.scheduledFor, row.timeZone)} {cityOf(row.timeZone)}
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2 sm:col-span-2 lg:col-span-1">
        <Act
          opens
          why={row.can.deployNow.why}
          whyHidden
          onPress={() => onIntent('now', row)}
          label={`${t.upcoming.nowButton}: ${row.product?.name}`}
        >
          {t.upcoming.nowButton}
        </Act>
        <Act
          opens
          why={row.can.reschedule.why}
          whyHidden
          onPress={() => onIntent('move', row)}
          label={`${t.upcoming.move} ${row.product?.name}`}
        >
          {t.upcoming.move}
        </Act>
        <Act
          kind="quiet"
          opens
          why={row.can.cancel.why}
          whyHidden
          onPress={() => onIntent('cancel', row)}
          label={`${t.upcoming.cancel}: ${row.product?.name}`}
        >
          {t.common.cancel}
        </Act>
      </div>
    </li>
  );
}

/** Ticks by the server's clock, in figures of one width. */
function Left({ row }: { row: Scheduled }) {
  const now = useDueNow();
  if (!row.scheduledFor || isHeld(row)) return null;
  const seconds = (Date.parse(row.scheduledFor) - now) / 1000;
  return seconds > 0 ? t.upcoming.left(duration(seconds)) : t.upcoming.due;
}

function reasonOf(row: Scheduled): string | null {
  switch (row.waitReason) {
    case 'MISSED':
      return t.upcoming.missed;
    case 'CHANGED_SINCE_SCHEDULED':
      return t.upcoming.changed;
    case 'PRODUCT_BUSY':
      return t.upcoming.busy;
    case 'PAUSED':
      return row.progressMessage;
    default:
      return null;
  }
}
