import { CircleCheck } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { announce } from './announce';

// The short answer to an act of one's own. Errors never come here.
let shown = '';
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function show(text: string) {
  shown = text;
  for (const watcher of watchers) watcher();
}

export function toast(text: string) {
  clearTimeout(timer);
  show(text);
  announce(text, true);
  timer = setTimeout(() => show(''), 4000);
}

const subscribe = (watcher: () => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

export function Toasts() {
  const text = useSyncExternalStore(subscribe, () => shown);
  if (!text) return null;
  return (
    <div
      aria-hidden
      className="appear pointer-events-none fixed inset-x-0 bottom-20 z-30 flex justify-center sm:bottom-6"
    >
      <p className="flex items-center gap-2 rounded-full bg-ink px-4 py-2.5 text-sm font-medium text-canvas shadow-float">
        <CircleCheck size={16} />
        {text}
      </p>
    </div>
  );
}
