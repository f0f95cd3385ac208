import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { address } from '../api/base';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act, actClass } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { AuditQuery, type Entry } from './documents';

/** What everybody did, newest first, under the state of the chain that proves it. */
export function Audit() {
  const { tenant, role } = usePlace();
  const [after, setAfter] = useState<string | null>(null);
  const read = useRead(AuditQuery, { slug: tenant.slug, after });
  return (
    <Loaded
      {...read}
      skeleton={
        <Sheet className="px-4">
          <Rows n={8} label={t.common.loading} />
        </Sheet>
      }
    >
      {({ tenant: found }) =>
        found && (
          <>
            <div className="mb-4 flex flex-wrap items-center gap-3">
              <div className="flex-1 basis-64">
                <Chain state={found.auditState} />
              </div>
              {role === 'ADMIN' && (
                <a href={address(`/audit/${tenant.slug}.jsonl`)} download className={actClass()}>
                  <Download aria-hidden size={16} />
                  {t.settings.exportAudit}
                </a>
              )}
            </div>
            <Sheet>
              <ol className="divide-y divide-hairline">
                {found.auditLog.nodes.map((entry) => (
                  <Line key={entry.id} entry={entry} />
                ))}
              </ol>
              {found.auditLog.pageInfo.hasNextPage && (
                <div className="border-t border-hairline p-3 text-center">
                  <Act kind="quiet" busy={read.loading} onPress={() => setAfter(found.auditLog.pageInfo.endCursor)}>
                    {t.settings.auditOlder}
                  </Act>
                </div>
              )}
            </Sheet>
          </>
        )
      }
    </Loaded>
  );
}

function Chain({ state }: { state: { entries: number; verifiedAt: string | null; brokenAt: string | null } }) {
  if (state.brokenAt) return <Notice tone="critical">{t.settings.chainBroken(state.brokenAt)}</Notice>;
  if (!state.verifiedAt) return <Notice tone="neutral">{t.settings.chainUnknown(state.entries)}</Notice>;
  return (
    <Notice tone="positive">
      {t.settings.chainWhole(state.entries)} {t.settings.verified} <When at={state.verifiedAt} />
    </Notice>
  );
}

/** "deployment.rolled_back" as words. */
const worded = (action: string) => action.replace('.', ' ').replaceAll('_', ' ');

function Line({ entry }: { entry: Entry }) {
  const { tenant } = usePlace();
  const about = entry.action.startsWith('deployment.');
  return (
    <li className="row grid gap-x-4 gap-y-0.5 px-5 py-2.5 sm:grid-cols-[7.5rem_minmax(0,1fr)]">
      <span className="text-table text-ink-3">
        <When at={entry.at} />
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <strong className="font-semibold">{entry.actor}</strong>{' '}
        {about ? (
          <Link
            to="/t/$tenant/deployments/$id"
            params={{ tenant: tenant.slug, id: entry.subject }}
            preload={false}
            className="text-link underline"
          >
            {worded(entry.action)}
          </Link>
        ) : (
          worded(entry.action)
        )}
        {entry.reason && <span className="block text-xs text-ink-2">{entry.reason}</span>}
      </span>
    </li>
  );
}
