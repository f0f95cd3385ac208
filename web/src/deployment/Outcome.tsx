import { useEffect } from 'react';
import * as t from '../messages/en';
import { isOver } from '../status/status';
import { openedAt, useNow } from '../time/clock';
import { clockTime } from '../time/format';
import { Copy } from '../ui/Copy';
import { Notice } from '../ui/Notice';
import { celebrate } from './celebrate';
import type { Deployment } from './documents';

/** How it ended, or why it waits: what happened, what is in live now, what to do. */
export function Outcome({ deployment }: { deployment: Deployment }) {
  switch (deployment.status) {
    case 'COMPLETED':
      return <Success deployment={deployment} />;
    case 'FAILED':
      return <Failure deployment={deployment} />;
    case 'CANCELLED':
      return <Cancelled deployment={deployment} />;
    default:
      return <Waiting deployment={deployment} />;
  }
}

const nameOf = (deployment: Deployment) => deployment.product?.name ?? t.deployment.aDeployment;

function Success({ deployment }: { deployment: Deployment }) {
  const wentLive = deployment.kind === 'GO_LIVE' && deployment.steps.length > 0;
  // What ended before this page was opened is no news.
  const fresh = deployment.finishedAt !== null && Date.parse(deployment.finishedAt) > openedAt() - 60_000;
  useEffect(() => {
    if (wentLive && fresh) void celebrate(deployment.id);
  }, [wentLive, fresh, deployment.id]);
  const name = nameOf(deployment);
  const title =
    deployment.kind === 'ROLLBACK'
      ? t.deployment.rolledBack(name)
      : deployment.product?.archivedInTest
        ? t.deployment.archived(name)
        : t.deployment.live(name);
  return (
    <div className="appear">
      <p className="text-title font-semibold tracking-[-0.01em] text-positive">{title}</p>
      {deployment.steps.length === 0 && <p className="mt-0.5 text-ink-2">{t.deployment.nothingToDo}</p>}
    </div>
  );
}

function Failure({ deployment }: { deployment: Deployment }) {
  const { error, liveOutcome } = deployment;
  const name = nameOf(deployment);
  return (
    <Notice tone="critical" urgent>
      <p className="font-semibold">
        {deployment.kind === 'ROLLBACK' ? t.deployment.rollbackFailed(name) : t.deployment.failed(name)}
      </p>
      {error && <p className="[overflow-wrap:anywhere]">{error.message}</p>}
      <p className="mt-1">{t.deployment.inLive[liveOutcome ?? 'UNCHANGED']}</p>
      {error?.hint && (
        <p className="mt-1">
          <strong className="font-semibold">{t.deployment.whatNext}:</strong> {error.hint}
        </p>
      )}
      {error?.stripeRequestId && (
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-ink-2">
          {error.stripeCode && <code className="font-mono">{error.stripeCode}</code>}
          <Copy text={error.stripeRequestId} label={t.deployment.requestId} />
        </p>
      )}
    </Notice>
  );
}

function Cancelled({ deployment }: { deployment: Deployment }) {
  const name = nameOf(deployment);
  const stopped = deployment.startedAt !== null;
  return (
    <Notice tone={deployment.liveOutcome === 'PARTIAL' ? 'critical' : 'neutral'}>
      <p className="font-semibold">{stopped ? t.deployment.stopped(name) : t.deployment.cancelled(name)}</p>
      <p>{t.deployment.inLive[deployment.liveOutcome ?? 'UNCHANGED']}</p>
    </Notice>
  );
}

/** Ten seconds without a worker are worth a word. */
const patience = 10_000;

function Waiting({ deployment }: { deployment: Deployment }) {
  const now = useNow();
  const { waitReason, retryAt } = deployment;
  if ((waitReason === 'STRIPE_UNAVAILABLE' || waitReason === 'STRIPE_RATE_LIMIT') && retryAt)
    return <Notice tone="caution">{t.deployment.stripeRetry(clockTime(retryAt))}</Notice>;
  if (deployment.status === 'PENDING' && waitReason === 'WORKER' && now - Date.parse(deployment.createdAt) > patience)
    return (
      <Notice tone="caution">
        {t.deployment.noWorker} {t.deployment.noWorkerPlanned}
      </Notice>
    );
  return isOver(deployment) || deployment.status === 'SCHEDULED' ? null : (
    <p className="text-xs text-ink-3">{t.deployment.closeAnytime}</p>
  );
}
