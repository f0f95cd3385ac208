import { useNavigate, useRouter } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { cx } from '../ui/cx';
import { fieldClass } from '../ui/Field.styles';

/** What is searched for in a list stands in its address, as q, shortly after it was typed. */
export function SearchField({ q = '', label, className }: { q?: string; label: string; className: string }) {
  const navigate = useNavigate();
  const router = useRouter();
  const [text, setText] = useState(q);
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => {
      // Whoever has pressed a link since is on their way, and would be called back.
      if (router.latestLocation.pathname !== router.state.resolvedLocation?.pathname) return;
      void navigate({
        to: '.',
        search: ((before: object) => ({ ...before, q: text || undefined })) as never,
        replace: true,
      });
    }, 250);
    return () => clearTimeout(timer);
  }, [text, q, navigate, router]);
  return (
    <label className={cx('relative w-full', className)}>
      <span className="sr-only">{label}</span>
      <Search aria-hidden size={16} className="absolute top-1/2 left-3 -translate-y-1/2 text-ink-3" />
      <input
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={label}
        className={`${fieldClass} pl-9`}
      />
    </label>
  );
}
