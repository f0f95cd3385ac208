import { cx } from './cx';

type Props = { percent: number; label: string; text: string; still?: boolean; back?: boolean };

/** The way from test to live: its fill is how far a deployment has come. */
export function Bridge({ percent, label, text, still, back }: Props) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={text}
      className="h-2.5 w-full overflow-hidden rounded-full bg-track"
    >
      <div
        className={cx('bridge size-full rounded-full', still && 'opacity-60', back && 'origin-right')}
        style={{ transform: `scaleX(${percent / 100})` }}
      />
    </div>
  );
}
