const rules = new Intl.PluralRules('en');
const digits = new Intl.NumberFormat('en');

/** "1 change", "3 changes". */
export const count = (n: number, one: string, other = `${one}s`) =>
  `${digits.format(n)} ${rules.select(n) === 'one' ? one : other}`;

export const number = (n: number) => digits.format(n);

/** "a", "a and b", "a, b, and c". */
export const list = (items: string[]) => new Intl.ListFormat('en', { type: 'conjunction' }).format(items);
