import { type ReactNode, useEffect, useState } from 'react';
import { cx } from './cx';

/** A box where something will stand. */
export const Bone = ({ className }: { className?: string }) => (
  <span aria-hidden className={cx('skeleton block', className)} />
);

/** Shows nothing at first, then the skeleton: what is quick must not flash. */
export function Skeleton({ children, label }: { children: ReactNode; label: string }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={label} className={cx('contents', !shown && '[&>*]:invisible')}>
      {children}
    </div>
  );
}

export function Rows({ n = 5, label }: { n?: number; label: string }) {
  return (
    <Skeleton label={label}>
      <div className="divide-y divide-hairline">
        {Array.from({ length: n }, (_, i) => (
          <div key={i} className="flex items-center gap-4 py-4">
            <Bone className="size-9" />
            <span className="grid grow gap-2">
              <Bone className="h-3.5 w-48 max-w-full" />
              <Bone className="h-3 w-28" />
            </span>
            <Bone className="h-6 w-24" />
          </div>
        ))}
      </div>
    </Skeleton>
  );
}
