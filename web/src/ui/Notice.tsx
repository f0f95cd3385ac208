import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';

type Tone = 'info' | 'caution' | 'critical' | 'positive' | 'neutral';
const looks = {
  info: [Info, 'bg-info-tint text-info'],
  caution: [TriangleAlert, 'bg-caution-tint text-caution'],
  critical: [CircleAlert, 'bg-critical-tint text-critical'],
  positive: [CircleCheck, 'bg-positive-tint text-positive'],
  neutral: [Info, 'bg-sunken text-ink-2'],
} as const;

/** A sentence that matters now, with what to do about it. */
export function Notice({
  tone = 'info',
  children,
  act,
  urgent,
  full,
}: {
  tone?: Tone;
  children: ReactNode;
  act?: ReactNode;
  urgent?: boolean;
  full?: boolean;
}) {
  const [Icon, look] = looks[tone];
  return (
    <div
      role={urgent ? 'alert' : undefined}
      className={cx('flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5', !full && 'rounded-panel', look)}
    >
      <Icon aria-hidden size={18} strokeWidth={1.75} className="shrink-0" />
      <div className="min-w-0 flex-1 basis-60 text-sm text-ink">{children}</div>
      {act}
    </div>
  );
}

type Stand = {
  title: string;
  children?: ReactNode;
  act?: ReactNode;
  /** It is all that the view shows. */
  alone?: boolean;
};

/** What stands where nothing is: what belongs here, and the one thing to do. */
export function Empty({ title, children, act, alone }: Stand) {
  const Title = alone ? 'h1' : 'p';
  return (
    <div className="grid justify-items-center gap-2 px-6 py-16 text-center">
      <Title className="text-title font-semibold tracking-[-0.01em]">{title}</Title>
      {children && <p className="max-w-[46ch] text-ink-2">{children}</p>}
      {act && <div className="mt-3">{act}</div>}
    </div>
  );
}
