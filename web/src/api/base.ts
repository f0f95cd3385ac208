// Where we are served: a proxy may keep a path for us. Our own files lie in
// PATH/assets/BUILD/, so that nobody needs to tell.
const here = import.meta.url;

/** The path before all of ours, "" for none. */
export const base = import.meta.env.PROD ? new URL('../../', here).pathname.replace(/\/$/, '') : '';

/** The address of one of the server's own paths. */
export const address = (path: string) => base + path;
