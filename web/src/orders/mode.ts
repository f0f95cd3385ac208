export type Mode = 'TEST' | 'LIVE';

/** Live is what an address that says nothing means, as in the API. */
export const modeOf = (search: { mode?: 'TEST' }): Mode => search.mode ?? 'LIVE';
export const inAddress = (mode: Mode) => (mode === 'TEST' ? ('TEST' as const) : undefined);
