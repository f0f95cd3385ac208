// What stands in the address of a view, read with care: anybody may write an address.
type Given = Record<string, unknown>;
/** All of it may be left out. */
type Maybe<T> = { [K in keyof T]?: T[K] };
const optional = <T extends object>(found: T): Maybe<T> => found;

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined);
const oneOf =
  <T extends string>(...all: readonly T[]) =>
  (value: unknown) =>
    all.find((one) => one === value);

export const indexSearch = (search: Given) => optional({ deployment: text(search.deployment) });

const show = oneOf('NOT_LIVE', 'CHANGED', 'LIVE', 'DRIFTED');
export const productsSearch = (search: Given) => optional({ q: text(search.q), show: show(search.show) });

const dialog = oneOf('review', 'schedule');
export const productSearch = (search: Given) => optional({ open: dialog(search.open) });

const month = (value: unknown) => (typeof value === 'string' && /^\d{4}-\d{2}$/.test(value) ? value : undefined);
const view = oneOf('calendar');
export const scheduledSearch = (search: Given) => optional({ view: view(search.view), month: month(search.month) });

const ended = oneOf('live', 'failed', 'cancelled', 'rolledBack', 'running');
export const historySearch = (search: Given) =>
  optional({
    q: text(search.q),
    show: ended(search.show),
    since: text(search.since),
  });

const mode = oneOf('TEST');
const orders = oneOf('needs', 'unpaid', 'underWay', 'paid', 'fulfilled', 'completed', 'ended');
export const ordersSearch = (search: Given) =>
  optional({
    mode: mode(search.mode),
    q: text(search.q),
    show: orders(search.show),
    customer: text(search.customer),
  });
const disputes = oneOf('open', 'over');
export const disputesSearch = (search: Given) => optional({ mode: mode(search.mode), show: disputes(search.show) });
export const booksSearch = (search: Given) => optional({ mode: mode(search.mode), month: month(search.month) });
const events = oneOf('dead', 'waiting', 'aside', 'foreign');
export const eventsSearch = (search: Given) => optional({ mode: mode(search.mode), show: events(search.show) });

const section = oneOf('payments', 'people', 'tokens', 'me', 'audit');
export const settingsSearch = (search: Given) => optional({ section: section(search.section) });
