// Days as text, 2026-12-25: a calendar's days have no zone and no hour.
const formats = new Map<string, Intl.DateTimeFormat>();

/** The day that an instant falls on in a zone. */
export function dayKey(instant: string, zone: string): string {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(zone, format);
  }
  return format.format(new Date(instant));
}

export const monthOf = (day: string) => day.slice(0, 7);

const utc = (day: string) => new Date(`${day}T00:00:00Z`);
const key = (date: Date) => date.toISOString().slice(0, 10);

/** Another month, so many before or after. */
export function shifted(month: string, by: number): string {
  const date = utc(`${month}-01`);
  date.setUTCMonth(date.getUTCMonth() + by);
  return monthOf(key(date));
}

/** The weeks that a month touches, from Monday. */
export function weeksOf(month: string): string[][] {
  const date = utc(`${month}-01`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  const weeks: string[][] = [];
  do {
    const week: string[] = [];
    for (let i = 0; i < 7; i++) {
      week.push(key(date));
      date.setUTCDate(date.getUTCDate() + 1);
    }
    weeks.push(week);
  } while (monthOf(key(date)) === month);
  return weeks;
}
