import { useEffect } from 'react';
import * as t from '../messages/en';

/** Names the view in the browser's tab. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · ${t.common.golive}`;
  }, [title]);
}
