import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useAct, useRead } from '../api/use';
import * as c from '../messages/en';
import * as p from '../messages/payments';
import { type Module, ModuleQuery } from '../orders/documents';
import { inAddress, type Mode } from '../orders/mode';
import { usePlace } from '../shell/context';
import { duration } from '../time/format';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Glyph } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { toast } from '../ui/Toast';
import { cx } from '../ui/cx';
import { EnablePayments } from './documents';

const dialogs = {
  enable: lazy(() => import('./dialogs').then((m) => ({ default: m.EnableDialog }))),
  disable: lazy(() => import('./dialogs').then((m) => ({ default: m.DisableDialog }))),
  origins: lazy(() => import('./dialogs').then((m) => ({ default: m.OriginsDialog }))),
};
type Open = { dialog: keyof typeof dialogs; module: Module };

/** Whether each mode can sell, how its endpoint is, and where its customers may be sent. */
export default function Payments() {
  const [open, setOpen] = useState<Open | null>(null);
  const Dialog = open && dialogs[open.dialog];
  return (
    <>
      <Sheet>
        <ul className="divide-y divide-hairline">
          {(['TEST', 'LIVE'] as const).map((mode) => (
            <OfMode key={mode} mode={mode} onOpen={(dialog, module) => setOpen({ dialog, module })} />
          ))}
        </ul>
      </Sheet>
      <Suspense>{Dialog && <Dialog module={open.module} onClose={() => setOpen(null)} />}</Suspense>
    </>
  );
}

type OfModeProps = { mode: Mode; onOpen: (dialog: keyof typeof dialogs, module: Module) => void };

function OfMode({ mode, onOpen }: OfModeProps) {
  const { tenant } = usePlace();
  const read = useRead(ModuleQuery, { slug: tenant.slug, mode });
  return (
    <li className="px-5 py-4">
      <Loaded {...read} skeleton={<Rows n={1} label={c.common.loading} />}>
        {({ tenant: found }) =>
          found && (
            <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
              <div
                className={cx(
                  'min-w-0 flex-1 basis-64 border-l-[3px] pl-3',
                  mode === 'TEST' ? 'border-test' : found.payments.enabled ? 'border-live' : 'border-hairline',
                )}
              >
                <h2 className="text-xs font-semibold tracking-wide text-ink-3 uppercase">{c.settings.mode(mode)}</h2>
                <p className="font-semibold">
                  {found.payments.enabled ? p.payments.on : p.payments.off}
                  {found.payments.since && (
                    <span className="font-normal text-ink-2">
                      {' '}
                      {p.payments.since} <When at={found.payments.since} />
                    </span>
                  )}
                </p>
                <Health module={found.payments} mode={mode} />
                <Origins module={found.payments} />
              </div>
              <Buttons module={found.payments} mode={mode} onOpen={(dialog) => onOpen(dialog, found.payments)} />
            </div>
          )
        }
      </Loaded>
    </li>
  );
}

/** How the endpoint is: what's wrong comes with its way out. */
function Health({ module, mode }: { module: Module; mode: Mode }) {
  const { tenant } = usePlace();
  if (!module.enabled && !module.webhookEndpointId) return null;
  const waits = module.oldestUnappliedSeconds ?? 0;
  return (
    <div className="mt-1 grid gap-1.5 text-table">
      {module.webhookEndpointId && <Copy text={module.webhookEndpointId} label={p.payments.endpoint} />}
      {module.problem && <Notice tone="critical">{module.problem}</Notice>}
      {waits >= 60 && <Notice tone="caution">{p.payments.waiting(duration(waits))}</Notice>}
      {module.deadEvents > 0 && (
        <Notice
          tone="critical"
          act={
            <Link
              to="/t/$tenant/orders/events"
              params={{ tenant: tenant.slug }}
              search={{ mode: inAddress(mode), show: 'dead' }}
              className="text-link underline"
            >
              {p.payments.seeDead}
            </Link>
          }
        >
          {p.payments.dead(module.deadEvents)}
        </Notice>
      )}
      {module.enabled && !module.problem && waits < 60 && module.deadEvents === 0 && (
        <p className="flex items-center gap-1.5 text-ink-2">
          <Glyph shape="disc" tone="positive" size={10} />
          {p.payments.healthy}
        </p>
      )}
    </div>
  );
}

const Origins = ({ module }: { module: Module }) => (
  <dl className="mt-2 text-table">
    <dt className="text-ink-3">{p.payments.origins}</dt>
    <dd className="[overflow-wrap:anywhere]">{module.origins.join(', ') || p.payments.originsNone}</dd>
  </dl>
);

type ButtonsProps = { module: Module; mode: Mode; onOpen: (dialog: keyof typeof dialogs) => void };

function Buttons({ module, mode, onOpen }: ButtonsProps) {
  const { tenant, role } = usePlace();
  const [repair, busy] = useAct(EnablePayments);
  const [refused, setRefused] = useState<string | null>(null);
  const connected = tenant.stripeConnections.some((connection) => connection.mode === mode);
  const why = role === 'ADMIN' ? (connected ? null : p.payments.notConnected) : p.payments.onlyAdmin;
  const check = () =>
    void repair({ input: { tenantId: tenant.id, mode } }).then(({ words }) => {
      setRefused(words);
      if (!words) toast(p.payments.enabled);
    });
  const of = (name: string) => `${name} ${c.settings.mode(mode)}`;
  if (!module.enabled)
    return (
      <Act kind="primary" opens label={of(p.payments.enable)} why={why} onPress={() => onOpen('enable')}>
        {p.payments.enable}
      </Act>
    );
  return (
    <div className="flex max-w-full flex-wrap gap-2">
      <Act label={of(p.payments.repair)} busy={busy} why={why} whyHidden onPress={check}>
        {p.payments.repair}
      </Act>
      <Act opens label={of(p.payments.editOrigins)} why={why} whyHidden onPress={() => onOpen('origins')}>
        {p.payments.editOrigins}
      </Act>
      <Act kind="danger" opens label={of(p.payments.disable)} why={why} whyHidden onPress={() => onOpen('disable')}>
        {p.payments.disable}
      </Act>
      {refused && (
        <div className="w-full">
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        </div>
      )}
    </div>
  );
}
