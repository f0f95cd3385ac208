import { useSyncExternalStore } from 'react';

// The server's clock decides when something is due; in development it may be moved.
let ahead = 0;
let tick = Date.now();
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Learns what time it is for the server. */
export function learn(now: string) {
  const next = Date.parse(now) - Date.now();
  if (Math.abs(next - ahead) > 2000) ahead = next;
}

const opened = Date.now();
/** When the page was opened, by the server's clock, in milliseconds. */
export const openedAt = () => opened + ahead;

const subscribe = (tell: () => void) => {
  watchers.add(tell);
  timer ??= setInterval(() => {
    tick = Date.now();
    for (const watcher of watchers) watcher();
  }, 1000);
  return () => {
    watchers.delete(tell);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

/** The browser's time, for what has happened; ticks each second. */
export const useNow = () => useSyncExternalStore(subscribe, () => tick);
/** The server's time for due times; ticks each second. */
export const useDueNow = () => useNow() + ahead;
