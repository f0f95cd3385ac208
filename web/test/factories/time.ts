// Near the clock of whoever looks, so that what is relative reads as it would.
const start = Date.now();
const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const at = (offset: number) => new Date(start + offset).toISOString();
