import { useSyncExternalStore } from 'react';

/** How we stand with the server: ended is a session that is over, lost a connection. */
export type Link = 'open' | 'lost' | 'offline' | 'ended';

let link: Link = 'open';
let lostAt = 0;
const watchers = new Set<() => void>();

export function setLink(told: Link) {
  // What has ended is mended by signing in only, and not by an answer to somebody else; and who
  // is offline has lost the connection, too, but knows better why: also where the last answers
  // came after the cable was drawn.
  if (told === 'lost' && link !== 'open') return;
  const next = told === 'lost' && globalThis.navigator?.onLine === false ? 'offline' : told;
  if (link === next) return;
  if (told === 'lost') lostAt = Date.now();
  link = next;
  for (const tell of watchers) tell();
}

if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => setLink('offline'));
  window.addEventListener('online', () => setLink(link === 'ended' ? 'ended' : 'open'));
}

/** Since when the connection is lost, in milliseconds. */
export const lostSince = () => lostAt;

const subscribe = (tell: () => void) => {
  watchers.add(tell);
  return () => watchers.delete(tell);
};

export const useLink = () => useSyncExternalStore(subscribe, () => link);
