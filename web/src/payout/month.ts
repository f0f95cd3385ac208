const names = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const start = (month: string) => new Date(`${month}-01T00:00:00Z`);

/** "2026-11", as addresses have it: Stripe keeps its books in UTC. */
export const monthOf = (iso: string) => iso.slice(0, 7);

export function shifted(month: string, by: number): string {
  const date = start(month);
  date.setUTCMonth(date.getUTCMonth() + by);
  return date.toISOString().slice(0, 7);
}

export const spanOf = (month: string) => ({ from: `${month}-01T00:00:00Z`, to: `${shifted(month, 1)}-01T00:00:00Z` });

export const wordsOf = (month: string) => names.format(start(month));
