import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { newKey } from '../api/key';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { Changes } from '../plan/Changes';
import { linesOf } from '../plan/lines';
import { usePlace } from '../shell/context';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Rows } from '../ui/Skeleton';
import { type Deployment, RollBack, RollbackPlan } from './documents';

/** What rolling back would change now, before it does. */
export default function RollBackDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const { tenant } = usePlace();
  const navigate = useNavigate();
  const plan = useRead(RollbackPlan, { id: deployment.id }, { policy: 'network-only' });
  const [rollBack, busy] = useAct(RollBack);
  const [key] = useState(newKey);
  const [refused, setRefused] = useState<string | null>(null);
  const name = deployment.product?.name ?? t.deployment.aDeployment;
  const now = plan.data?.planRollback;
  const n = now ? linesOf(now.changes).length : 0;
  const go = () =>
    void rollBack({ input: { deploymentId: deployment.id, planHash: now?.hash, idempotencyKey: key } }).then(
      ({ payload, words }) => {
        if (words || !payload?.deployment) {
          setRefused(words);
          plan.again();
          return;
        }
        onClose();
        void navigate({ to: '/t/$tenant/deployments/$id', params: { tenant: tenant.slug, id: payload.deployment.id } });
      },
    );
  return (
    <Dialog
      alert
      wide
      title={t.deployment.rollBackTitle(name)}
      below={t.deployment.rollBackText}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{t.deployment.keepLive}</Act>
          <Act
            kind="danger"
            busy={busy || (plan.loading && !now)}
            why={now?.isEmpty ? t.deployment.rollBackEmpty : null}
            onPress={go}
          >
            {t.deployment.rollBackN(n)}
          </Act>
        </>
      }
    >
      <Loaded {...plan} skeleton={<Rows n={3} label={t.common.loading} />}>
        {({ planRollback, deployment: now }) => (
          <div className="grid gap-4">
            {refused && (
              <Notice tone="critical" urgent>
                {refused}
              </Notice>
            )}
            {(now?.product?.scheduledCount ?? 0) > 0 && (
              <Notice tone="caution">{t.deployment.holds(now!.product!.scheduledCount)}</Notice>
            )}
            {planRollback && planRollback.isEmpty && <p className="text-ink-2">{t.deployment.rollBackEmpty}</p>}
            {planRollback && <Changes lines={linesOf(planRollback.changes)} />}
            {planRollback?.notes.map((note) => (
              <Notice key={note} tone="neutral">
                {note}
              </Notice>
            ))}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}
