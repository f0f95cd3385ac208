import type { ReactNode } from 'react';
import { cx } from './cx';

/** A view's head: its only h1, and what can be done with all of it. */
export function Head({ title, below, acts }: { title: ReactNode; below?: ReactNode; acts?: ReactNode }) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-head font-[620] tracking-[-0.02em] [overflow-wrap:anywhere]">{title}</h1>
        {below && <div className="mt-1 text-ink-2">{below}</div>}
      </div>
      {acts && <div className="flex flex-wrap gap-2">{acts}</div>}
    </header>
  );
}

/** A part of a view with its heading, set off by a line. */
export function Section({
  title,
  children,
  acts,
  className,
}: {
  title: string;
  children: ReactNode;
  acts?: ReactNode;
  className?: string;
}) {
  return (
    <section aria-label={title} className={cx('mt-10', className)}>
      <div className="mb-2 flex min-h-9 items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{title}</h2>
        {acts}
      </div>
      {children}
    </section>
  );
}

/** What lies on the canvas: a sheet with lines, never a box in a box. */
export const Sheet = ({ children, className }: { children: ReactNode; className?: string }) => (
  <div className={cx('overflow-hidden rounded-panel bg-surface ring-1 ring-hairline', className)}>{children}</div>
);
