const spans: [number, string][] = [
  [86_400, 'day'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** "4 min 12 s": the two largest units, never a letter that reads as another. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  if (rest === 0) return seconds > 0 ? 'under 1 s' : '0 s';
  const parts: string[] = [];
  for (const [size, unit] of spans) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0) parts.push(unit === 'day' ? `${n} ${n === 1 ? 'day' : 'days'}` : `${n} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

export const between = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

const formats = new Map<string, Intl.DateTimeFormat>();
function formatted(date: Date, zone: string | undefined, options: Intl.DateTimeFormatOptions) {
  const key = `${zone}${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
    formats.set(key, format);
  }
  return format.format(date);
}

/** "Fri 25 Dec 2026, 09:00", in the zone, else where the browser is. */
export const fullTime = (iso: string, zone?: string) =>
  formatted(new Date(iso), zone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });

/** "25 Dec, 09:00"; the year where it is another. */
export function shortTime(iso: string, zone?: string, now = new Date()) {
  const date = new Date(iso);
  const year = date.getUTCFullYear() === now.getUTCFullYear() ? undefined : 'numeric';
  return formatted(date, zone, { day: 'numeric', month: 'short', year, hour: '2-digit', minute: '2-digit' });
}

export const clockTime = (iso: string, zone?: string) =>
  formatted(new Date(iso), zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const dayOf = (iso: string, zone?: string) =>
  formatted(new Date(iso), zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** "25 Dec 2026", of a day such as 2026-12-25. */
export const calendarDay = (day: string) =>
  formatted(new Date(`${day}T00:00:00Z`), 'UTC', { day: 'numeric', month: 'short', year: 'numeric' });

/** "Berlin", "New York": the city of an IANA name. */
export const cityOf = (zone: string) => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "5 minutes ago", for the past day only: later than that the date says more. */
export function ago(iso: string, now: number): string | null {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (seconds < -5 || seconds >= 86_400) return null;
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return relative.format(-Math.max(1, Math.round(seconds / 60)), 'minute');
  return relative.format(-Math.round(seconds / 3600), 'hour');
}
