import { lazy, Suspense, useState } from 'react';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Notice } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { cx } from '../ui/cx';

const Connect = lazy(() => import('./ConnectDialog'));

/** The key of each mode, and whose it is. */
export function Stripe() {
  const { tenant, role } = usePlace();
  const [mode, setMode] = useState<'TEST' | 'LIVE' | null>(null);
  return (
    <>
      <Sheet>
        <ul className="divide-y divide-hairline">
          {(['TEST', 'LIVE'] as const).map((mode) => {
            const found = tenant.stripeConnections.find((c) => c.mode === mode);
            return (
              <li key={mode} className="flex flex-wrap items-center gap-x-6 gap-y-3 px-5 py-4">
                <div
                  className={cx(
                    'min-w-0 flex-1 basis-56 border-l-[3px] pl-3',
                    mode === 'TEST' ? 'border-test' : found ? 'border-live' : 'border-hairline',
                  )}
                >
                  <p className="text-xs font-semibold tracking-wide text-ink-3 uppercase">{t.settings.mode(mode)}</p>
                  <p className="font-semibold">
                    {found ? (found.accountName ?? found.accountId) : t.settings.notConnected}
                  </p>
                  {found && (
                    <p className="truncate text-xs text-ink-3">
                      <span className="font-mono">{found.accountId}</span> · {t.settings.keyHint(found.keyHint)} ·{' '}
                      <When at={found.connectedAt} />
                    </p>
                  )}
                  {found?.problem && (
                    <div className="mt-2">
                      <Notice tone="critical">{found.problem}</Notice>
                    </div>
                  )}
                </div>
                <Act
                  opens
                  why={role === 'ADMIN' ? null : t.settings.onlyAdmin}
                  kind={found ? 'plain' : 'primary'}
                  onPress={() => setMode(mode)}
                >
                  {found ? t.settings.replace : t.settings.connect}
                </Act>
              </li>
            );
          })}
        </ul>
      </Sheet>
      <Suspense>{mode && <Connect mode={mode} onClose={() => setMode(null)} />}</Suspense>
    </>
  );
}
