import { Link } from '@tanstack/react-router';
import { ExternalLink, RotateCcw, Undo2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { base } from '../api/base';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { isOver, isRunning } from '../status/status';
import { Act, actClass } from '../ui/Act';
import { toast } from '../ui/Toast';
import { Crossing } from './Crossing';
import type { Deployment, Step } from './documents';
import { Outcome } from './Outcome';
import { Steps } from './Steps';

const Stop = lazy(() => import('./StopDialog'));
const RollBack = lazy(() => import('./RollBackDialog'));

/** A deployment as it runs, or as it ended: the bridge, how it stands, what can be done. */
export function Run({
  deployment,
  steps,
  linked,
  onAgain,
}: {
  deployment: Deployment;
  steps: Step[];
  linked?: boolean;
  onAgain?: () => void;
}) {
  return (
    <div className="grid gap-6">
      <Crossing deployment={deployment} />
      <Outcome deployment={deployment} />
      <Acts deployment={deployment} linked={linked} onAgain={onAgain} />
      {(steps.length > 0 || !isOver(deployment)) && deployment.status !== 'SCHEDULED' && (
        <section
          aria-label={t.deployment.steps}
          aria-busy={isRunning(deployment)}
          className="border-t border-hairline pt-3"
        >
          <Steps steps={steps} />
        </section>
      )}
    </div>
  );
}

function Acts({ deployment, linked, onAgain }: { deployment: Deployment; linked?: boolean; onAgain?: () => void }) {
  const { tenant } = usePlace();
  const [dialog, setDialog] = useState<'stop' | 'rollBack' | null>(null);
  const { can, product } = deployment;
  const over = isOver(deployment);
  const failed = deployment.status === 'FAILED' || deployment.status === 'CANCELLED';
  const copyLink = () =>
    void navigator.clipboard
      .writeText(`${location.origin}${base}/?deployment=${deployment.id}`)
      .then(() => toast(t.common.copied));
  return (
    <div className="flex flex-wrap items-start gap-2 empty:hidden">
      {!over && deployment.status !== 'SCHEDULED' && (
        <Act
          icon={Undo2}
          opens
          why={deployment.cancelRequestedAt ? null : can.cancel.why}
          busy={Boolean(deployment.cancelRequestedAt)}
          onPress={() => setDialog('stop')}
        >
          {deployment.cancelRequestedAt ? t.status.stopping : t.deployment.stop}
        </Act>
      )}
      {failed && product && onAgain && (
        <Act kind="primary" icon={RotateCcw} why={can.tryAgain.why} onPress={onAgain}>
          {t.deployment.tryAgain}
        </Act>
      )}
      {deployment.status === 'COMPLETED' && product?.liveUrl && (
        <a className={actClass('primary')} href={product.liveUrl} target="_blank" rel="noreferrer">
          {t.deployment.seeInStripe}
          <ExternalLink aria-hidden size={14} />
        </a>
      )}
      {over && <Act onPress={copyLink}>{t.common.copyLink}</Act>}
      {linked && (
        <Link
          to="/t/$tenant/deployments/$id"
          params={{ tenant: tenant.slug, id: deployment.id }}
          className={actClass('quiet')}
        >
          {t.review.details}
        </Link>
      )}
      {deployment.status === 'COMPLETED' && !linked && (
        <Act opens why={can.rollBack.why} onPress={() => setDialog('rollBack')}>
          {t.deployment.rollBack}
        </Act>
      )}
      <Suspense>
        {dialog === 'stop' && <Stop deployment={deployment} onClose={() => setDialog(null)} />}
        {dialog === 'rollBack' && <RollBack deployment={deployment} onClose={() => setDialog(null)} />}
      </Suspense>
    </div>
  );
}
