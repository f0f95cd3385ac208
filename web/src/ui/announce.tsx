import { useSyncExternalStore } from 'react';

// One polite live region: at most one message in three seconds, and the last always comes.
let message = '';
let last = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function tell(text: string) {
  message = text;
  last = Date.now();
  for (const watcher of watchers) watcher();
}

/** Tells screen readers; now is for what ends something. */
export function announce(text: string, now = false) {
  clearTimeout(timer);
  const wait = now ? 0 : Math.max(0, 3000 - (Date.now() - last));
  if (wait === 0) tell(text);
  else timer = setTimeout(() => tell(text), wait);
}

const subscribe = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

export function Announcer() {
  const text = useSyncExternalStore(subscribe, () => message);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
