import { LoaderCircle } from 'lucide-react';
import { type ComponentType, type MouseEvent, type ReactNode, useId, useRef } from 'react';
import { cx } from './cx';

type Kind = 'crossing' | 'primary' | 'plain' | 'quiet' | 'danger';
type Props = {
  children: ReactNode;
  onPress?: (event: MouseEvent<HTMLButtonElement>) => void;
  kind?: Kind;
  /** Why it cannot be done now, in a sentence. The button stays, and says so. */
  why?: string | null;
  /** Says why in a tooltip's place beside the button, not below it; for rows. */
  whyHidden?: boolean;
  busy?: boolean;
  icon?: ComponentType<{ size?: number; strokeWidth?: number; 'aria-hidden'?: boolean }>;
  type?: 'button' | 'submit';
  large?: boolean;
  wide?: boolean;
  label?: string;
  opens?: boolean;
  onIntent?: () => void;
  form?: string;
};

const kinds: Record<Kind, string> = {
  crossing: 'crossing font-semibold',
  primary: 'bg-ink text-canvas font-medium hover:opacity-90 aria-disabled:bg-sunken aria-disabled:text-ink-3',
  plain:
    'border border-edge bg-surface font-medium hover:bg-sunken aria-disabled:text-ink-3 aria-disabled:border-hairline',
  quiet: 'font-medium text-ink-2 hover:bg-sunken hover:text-ink aria-disabled:text-ink-3',
  danger:
    'border border-critical text-critical bg-surface font-medium hover:bg-critical-tint aria-disabled:text-ink-3 aria-disabled:border-hairline',
};

export const actClass = (kind: Kind = 'plain', large = false) =>
  cx(
    'inline-flex shrink-0 cursor-pointer select-none items-center justify-center gap-2 whitespace-nowrap rounded-control text-sm transition-[background-color,opacity] duration-100 aria-disabled:cursor-not-allowed',
    large ? 'min-h-11 px-5 text-base' : 'min-h-11 px-3.5 sm:min-h-9',
    kinds[kind],
  );

/**
 * A button. One that cannot be used now stays in the order of focus and is told with its
 * reason; pressing it brings the reader to the sentence.
 */
export function Act({
  children,
  kind = 'plain',
  why,
  whyHidden,
  busy,
  icon: Icon,
  large,
  wide,
  label,
  opens,
  onIntent,
  ...rest
}: Props) {
  const id = useId();
  const reason = useRef<HTMLParagraphElement>(null);
  const disabled = Boolean(why) || busy;
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (why) reason.current?.focus();
    if (disabled) event.preventDefault();
    else rest.onPress?.(event);
  };
  return (
    <span className={cx('inline-flex flex-col gap-1.5', wide && 'w-full')}>
      <button
        type={rest.type ?? 'button'}
        form={rest.form}
        className={cx(actClass(kind, large), wide && 'w-full')}
        aria-disabled={disabled || undefined}
        aria-describedby={why ? id : undefined}
        aria-label={label}
        aria-haspopup={opens ? 'dialog' : undefined}
        onClick={press}
        onPointerEnter={onIntent}
        onFocus={onIntent}
        title={why && whyHidden ? why : undefined}
      >
        {busy ? (
          <LoaderCircle aria-hidden size={16} className="spin" />
        ) : (
          Icon && <Icon aria-hidden size={large ? 18 : 16} strokeWidth={1.75} />
        )}
        {children}
      </button>
      {why && (
        <p ref={reason} id={id} tabIndex={-1} className={whyHidden ? 'sr-only' : 'max-w-[40ch] text-xs text-ink-2'}>
          {why}
        </p>
      )}
    </span>
  );
}
