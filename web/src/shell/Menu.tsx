import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { cx } from '../ui/cx';

/** A button that shows a few choices below it: Escape and a click elsewhere close them. */
export function Menu({
  label,
  button,
  children,
  up,
  end,
}: {
  label: string;
  button: ReactNode;
  children: ReactNode;
  up?: boolean;
  end?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      opener.current?.focus();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    document.addEventListener('keydown', escape);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
      document.removeEventListener('keydown', escape);
    };
  }, [open]);
  return (
    <div ref={root} className="relative min-w-0">
      <button
        ref={opener}
        type="button"
        aria-label={label}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex min-h-11 w-full min-w-0 cursor-pointer items-center gap-2.5 rounded-control px-2 text-left hover:bg-sunken lg:min-h-10"
      >
        {button}
      </button>
      <div
        id={id}
        hidden={!open}
        className={cx(
          'appear absolute z-20 w-60 rounded-panel bg-raised p-1.5 shadow-float',
          up ? 'bottom-full mb-1.5' : 'top-full mt-1.5',
          end ? 'right-0' : 'left-0',
        )}
      >
        {children}
      </div>
    </div>
  );
}

export const itemClass =
  'flex min-h-11 w-full cursor-pointer items-center gap-2.5 rounded-control px-2.5 text-left text-sm hover:bg-sunken sm:min-h-9';
