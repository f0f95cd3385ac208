import * as b from '../messages/books';
import { calendarDay } from '../time/format';

/** When a payout arrives or did; null where it won't, or Stripe doesn't say. */
export const arrivalOf = ({ status, arrivalDate }: { status: string; arrivalDate: string | null }) =>
  (arrivalDate && b.payouts.arrival[status]?.(calendarDay(arrivalDate))) || null;
