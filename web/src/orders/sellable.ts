import * as t from '../messages/orders';
import { isZero } from './amount';
import type { Sellable } from './documents';
import type { Mode } from './mode';

export type Price = Sellable['prices'][number];

/** Why a price can't be ordered, null where it can; the server decides, this spares a try. */
export function whyNot(price: Price, mode: Mode, currency: string | undefined): string | null {
  const { why } = t.create;
  if (price.interval) return why.recurring;
  if (price.billingScheme === 'tiered') return why.tiered;
  if (!price.amount) return why.open;
  if (!price.active) return why.archived;
  if (mode === 'LIVE' && !price.liveId) return why.notLive;
  if (isZero(price.amount)) return why.free;
  if (currency && price.amount.currency !== currency) return why.currency(currency.toUpperCase());
  return null;
}
