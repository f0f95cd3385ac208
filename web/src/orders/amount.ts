import type { Amount } from '../ui/Money';

// Exact sums of decimals as the server writes them: whole numbers of their smallest digit.
const digitsOf = (text: string) => (text.split('.')[1] ?? '').length;
const whole = (text: string, digits: number) => {
  const [units = '0', fraction = ''] = text.split('.');
  return BigInt(units + fraction.padEnd(digits, '0'));
};
function written(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return sign + (digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`);
}

/** The sum of amounts of one currency, each taken so often. */
export function sumOf(parts: { of: Amount; times: number }[], currency: string): Amount {
  const digits = Math.max(0, ...parts.map(({ of }) => digitsOf(of.amount)));
  const sum = parts.reduce((sum, { of, times }) => sum + whole(of.amount, digits) * BigInt(times), 0n);
  return { amount: written(sum, digits), currency };
}

export const minus = (from: Amount, ...parts: Amount[]): Amount =>
  sumOf([{ of: from, times: 1 }, ...parts.map((of) => ({ of, times: -1 }))], from.currency);

export const isZero = ({ amount }: Amount) => !/[1-9]/.test(amount);

/** An amount as somebody types it, null where it's none: the server says the rest. */
export function typedAmount(text: string, currency: string): Amount | null {
  const amount = text.trim();
  return /^\d{1,12}(\.\d{1,3})?$/.test(amount) && /[1-9]/.test(amount) ? { amount, currency } : null;
}
