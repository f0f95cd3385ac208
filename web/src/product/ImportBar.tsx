import { useEffect, useRef } from 'react';
import { useSubscription } from 'urql';
import { useAct } from '../api/use';
import * as t from '../messages/en';
import { When } from '../time/When';
import { toast } from '../ui/Toast';
import { type Import, ImportChanged, StartImport } from './documents';

/** Starts imports, follows the newest, and tells once how it ended. */
export function useImport(tenantId: string, latest: Import | null | undefined, ended: () => void) {
  const [start, starting] = useAct(StartImport);
  const running = Boolean(latest && !latest.finishedAt);
  useSubscription({ query: ImportChanged, variables: { tenantId }, pause: !running });
  const was = useRef(running);
  useEffect(() => {
    if (was.current && !running && latest) {
      ended();
      if (!latest.error) toast(t.products.imported(latest.added, latest.changed, latest.gone));
    }
    was.current = running;
  }, [running, latest, ended]);
  const begin = () => start({ input: { tenantId } });
  return { begin, busy: starting || running };
}

/** How the newest import goes, or went. */
export function ImportLine({ latest }: { latest: Import | null | undefined }) {
  if (!latest) return <span className="invisible">{t.products.lastImport}</span>;
  if (!latest.finishedAt)
    return (
      <span className="data">{latest.read > 0 ? t.products.importing(latest.read) : t.products.importStarting}</span>
    );
  return (
    <span>
      {latest.error ? `${t.products.importFailed} ${latest.error}` : t.products.lastImport}{' '}
      <When at={latest.finishedAt} />
    </span>
  );
}
