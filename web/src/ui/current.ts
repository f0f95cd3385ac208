import { useEffect, useRef } from 'react';

/** A row of links that may be wider than the screen: the one of where we are is to be seen. */
export function useCurrentInView(where: string | undefined) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const nav = row.current;
    const link = nav?.querySelector<HTMLElement>('[aria-current=page]');
    if (nav && link) nav.scrollLeft = link.offsetLeft - nav.offsetLeft - (nav.clientWidth - link.offsetWidth) / 2;
  }, [where]);
  return row;
}
