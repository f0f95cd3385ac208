import type { Shape, Tone } from '../status/status';
import { cx } from './cx';

const inks: Record<Tone, string> = {
  positive: 'text-positive',
  caution: 'text-caution',
  critical: 'text-critical',
  info: 'text-info',
  neutral: 'text-ink-3',
};
const tints: Record<Tone, string> = {
  positive: 'bg-positive-tint text-positive',
  caution: 'bg-caution-tint text-caution',
  critical: 'bg-critical-tint text-critical',
  info: 'bg-info-tint text-info',
  neutral: 'bg-sunken text-ink-2',
};

/** One of six shapes, so that a status needs no colour to be told. */
export function Glyph({ shape, tone, size = 12 }: { shape: Shape; tone?: Tone; size?: number }) {
  const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 2, strokeLinecap: 'round' } as const;
  return (
    <svg
      aria-hidden
      width={size}
      height={size}
      viewBox="0 0 12 12"
      className={cx('shrink-0', tone && inks[tone], shape === 'arc' && 'spin')}
    >
      {shape === 'disc' && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {shape === 'ring' && <circle cx="6" cy="6" r="4.5" {...line} />}
      {shape === 'arc' && <path d="M6 1.5a4.5 4.5 0 1 1-4.5 4.5" {...line} />}
      {shape === 'triangle' && <path d="M6 1.2 11.4 11H.6Z" fill="currentColor" />}
      {shape === 'square' && <rect x="1.5" y="1.5" width="9" height="9" rx="1" fill="currentColor" />}
      {shape === 'diamond' && <path d="M6 .6 11.4 6 6 11.4.6 6Z" fill="currentColor" />}
    </svg>
  );
}

type Told = { word: string; tone: Tone; shape: Shape };

/** A status as a word with its shape. */
export function Word({ status, pill }: { status: Told; pill?: boolean }) {
  if (pill)
    return (
      <span
        className={cx(
          'inline-flex items-center gap-1.5 whitespace-nowrap rounded-full px-2.5 py-1 text-xs font-medium',
          tints[status.tone],
        )}
      >
        <Glyph shape={status.shape} size={10} />
        {status.word}
      </span>
    );
  return (
    <span
      className={cx('inline-flex items-center gap-1.5 whitespace-nowrap text-table font-medium', inks[status.tone])}
    >
      <Glyph shape={status.shape} size={10} />
      {status.word}
    </span>
  );
}
