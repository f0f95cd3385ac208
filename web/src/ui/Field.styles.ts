export const fieldClass =
  'w-full min-h-11 rounded-control border border-edge bg-surface px-3 text-base text-ink placeholder:text-ink-3 focus-visible:outline-2 focus-visible:outline-offset-0 sm:min-h-9 sm:text-sm';
