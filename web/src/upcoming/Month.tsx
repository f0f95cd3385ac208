import { useNavigate, useSearch } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import * as t from '../messages/en';
import { useMyZone } from '../shell/context';
import { useDueNow } from '../time/clock';
import { Section, Sheet } from '../ui/Panel';
import { cx } from '../ui/cx';
import type { Scheduled } from './documents';
import { type Intent, Item } from './Item';
import { dayKey, monthOf, shifted, weeksOf } from './days';

type Props = { rows: Scheduled[]; onIntent: (intent: Intent, row: Scheduled) => void };

const title = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const full = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });

/** A month as a table of days, each a button: nothing needs to be dragged. */
export function Month({ rows, onIntent }: Props) {
  const zone = useMyZone();
  const now = useDueNow();
  const today = dayKey(new Date(now).toISOString(), zone);
  const { month = monthOf(today) } = useSearch({ from: '/t/$tenant/scheduled' });
  const navigate = useNavigate({ from: '/t/$tenant/scheduled' });
  const go = (by: number) =>
    void navigate({ to: '.', search: { view: 'calendar', month: shifted(month, by) }, replace: true });
  const days = Map.groupBy(
    rows.filter((row) => row.scheduledFor),
    (row) => dayKey(row.scheduledFor!, zone),
  );
  const [chosen, setPicked] = useState<string | null>(null);
  const inView = (day: string | null): day is string => day !== null && monthOf(day) === month;
  const busy = [...days.keys()].sort().find(inView);
  const picked = inView(chosen) ? chosen : inView(today) ? today : (busy ?? `${month}-01`);
  const weeks = weeksOf(month);
  const arrow = 'grid size-9 cursor-pointer place-items-center rounded-control hover:bg-sunken';
  return (
    <>
      <div className="mb-3 flex items-center gap-2">
        <h2 className="text-title font-semibold">{title.format(new Date(`${month}-01T00:00:00Z`))}</h2>
        <button
          type="button"
          aria-label={t.upcoming.previousMonth}
          onClick={() => go(-1)}
          className={cx(arrow, 'ml-auto')}
        >
          <ChevronLeft aria-hidden size={18} />
        </button>
        <button type="button" aria-label={t.upcoming.nextMonth} onClick={() => go(1)} className={arrow}>
          <ChevronRight aria-hidden size={18} />
        </button>
      </div>
      <Sheet>
        <table className="w-full table-fixed border-collapse">
          <thead>
            <tr>
              {weeks[0]?.map((day) => (
                <th key={day} scope="col" className="border-b border-hairline py-2 text-xs font-medium text-ink-3">
                  {weekday.format(new Date(`${day}T00:00:00Z`))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks.map((week) => (
              <tr key={week[0]}>
                {week.map((day) => (
                  <Day
                    key={day}
                    day={day}
                    rows={days.get(day) ?? []}
                    inMonth={monthOf(day) === month}
                    today={day === today}
                    picked={day === picked}
                    onPick={() => setPicked(day)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Sheet>
      <Section title={full.format(new Date(`${picked}T00:00:00Z`))}>
        <Sheet>
          {days.has(picked) ? (
            <ul className="divide-y divide-hairline">
              {days.get(picked)?.map((row) => (
                <Item key={row.id} row={row} onIntent={onIntent} />
              ))}
            </ul>
          ) : (
            <p className="px-4 py-6 text-center text-ink-2">{t.upcoming.noneOnDay}</p>
          )}
        </Sheet>
      </Section>
    </>
  );
}

type DayProps = {
  day: string;
  rows: Scheduled[];
  inMonth: boolean;
  today: boolean;
  picked: boolean;
  onPick: () => void;
};

function Day({ day, rows, inMonth, today, picked, onPick }: DayProps) {
  return (
    <td className="border border-hairline p-0 align-top first:border-l-0 last:border-r-0">
      <button
        type="button"
        onClick={onPick}
        aria-pressed={picked}
        aria-label={t.upcoming.onDay(full.format(new Date(`${day}T00:00:00Z`)), rows.length)}
        className={cx(
          'flex h-16 w-full cursor-pointer flex-col items-start gap-1 p-1.5 text-left hover:bg-canvas sm:h-24',
          picked && 'bg-info-tint',
          !inMonth && 'text-ink-3',
        )}
      >
        <span
          className={cx(
            'data grid size-6 place-items-center rounded-full text-xs',
            today && 'bg-ink font-semibold text-canvas',
          )}
        >
          {Number(day.slice(8))}
        </span>
        {rows.slice(0, 2).map((row) => (
          <span key={row.id} className="hidden w-full truncate rounded-[3px] bg-sunken px-1 text-xs sm:block">
            {row.product?.name}
          </span>
        ))}
        {rows.length > 2 && (
          <span className="hidden text-xs text-ink-3 sm:block">{t.products.more(rows.length - 2)}</span>
        )}
        {rows.length > 0 && (
          <span className="data ml-1 grid h-4 min-w-4 place-items-center rounded-full bg-info px-1 text-[0.6875rem] font-semibold text-surface sm:hidden">
            {rows.length}
          </span>
        )}
      </button>
    </td>
  );
}
