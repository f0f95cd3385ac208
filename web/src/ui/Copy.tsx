import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import * as t from '../messages/en';

/** An id to take along. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    });
  };
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={`${t.common.copy} ${label}`}
      className="inline-flex min-h-6 max-w-full cursor-pointer items-center gap-1.5 rounded-control font-mono text-xs text-ink-3 hover:bg-sunken hover:text-ink"
    >
      <span className="truncate">{text}</span>
      {done ? (
        <Check aria-hidden size={12} className="shrink-0" />
      ) : (
        <CopyIcon aria-hidden size={12} className="shrink-0" />
      )}
      <span className="sr-only" role="status">
        {done ? t.common.copied : ''}
      </span>
    </button>
  );
}
