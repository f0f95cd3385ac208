import { Link } from '@tanstack/react-router';
import * as t from '../messages/en';
import type { Membership, Service } from './context';

type Connection = Membership['tenant']['stripeConnections'][number];

const Account = ({ of }: { of: Connection }) => (
  <>
    <strong className="font-semibold text-ink">{of.accountName ?? of.accountId}</strong>
    {of.accountName && (
      <span className="ml-1 hidden font-mono text-[0.6875rem] text-ink-3 sm:inline">{of.accountId}</span>
    )}
  </>
);

/** Whose test and live this is, always and in words. */
export function Banner({ tenant, service }: { tenant: Membership['tenant']; service: Service | undefined }) {
  const test = tenant.stripeConnections.find((c) => c.mode === 'TEST');
  const live = tenant.stripeConnections.find((c) => c.mode === 'LIVE');
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-hairline bg-surface px-4 py-1 text-xs text-ink-2 lg:px-6">
      <span aria-hidden className="flex">
        <span className="h-3.5 w-1.5 rounded-l-full bg-test" />
        <span className="h-3.5 w-1.5 rounded-r-full bg-live" />
      </span>
      {test && live ? (
        test.accountId === live.accountId ? (
          <p>
            {t.shell.both} <Account of={live} />
          </p>
        ) : (
          <p>
            {t.shell.testOf} <Account of={test} />, {t.shell.liveOf} <Account of={live} />
          </p>
        )
      ) : (
        <p>
          {test || live ? t.shell.onlyOne(test ? 'test' : 'live') : t.shell.notConnected}{' '}
          <Link to="/t/$tenant/settings" params={{ tenant: tenant.slug }} className="font-medium text-link underline">
            {t.shell.connect}
          </Link>
        </p>
      )}
      {service?.simulator && <p className="text-caution">{t.shell.simulator}</p>}
    </div>
  );
}
