import { cx } from './cx';

export type Amount = { amount: string; currency: string };

/** Exact amounts as people write them; every digit that Stripe has stays. */
export function money({ amount, currency }: Amount): string {
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: currency.toUpperCase(),
    maximumFractionDigits: Math.max(
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2,
      fractionOf(amount),
    ),
  });
  return format.format(amount as Intl.StringNumericLiteral);
}

const fractionOf = (amount: string) => (amount.split('.')[1] ?? '').replace(/0+$/, '').length;

export function Money({ of, className }: { of: Amount; className?: string }) {
  return <span className={cx('data', className)}>{money(of)}</span>;
}
