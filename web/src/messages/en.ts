// Every text of the page. A text with a value in it is a function, so that what it needs is
// typed, and so that another language may order it as it must. Imported as a namespace, so
// that a view fetches its own texts and not those of all others.
export { common, error, shell } from './common';
export { deployment } from './deployment';
export { history, home, upcoming } from './lists';
export { palette } from './palette';
export { product, products } from './product';
export { checks, review } from './review';
export { schedule } from './schedule';
export { settings } from './settings';
export { liveStatus, status } from './status';
