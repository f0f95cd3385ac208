import { useState } from 'react';
import { useAct } from '../api/use';
import * as t from '../messages/en';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { CancelDeployment } from './documents';

type Props = {
  deployment: { id: string; status: string; version: number; product: { name: string } | null };
  onClose: () => void;
};

/** Stops what runs and undoes it, or cancels what is scheduled. */
export default function StopDialog({ deployment, onClose }: Props) {
  const [cancel, busy] = useAct(CancelDeployment);
  const [refused, setRefused] = useState<string | null>(null);
  const name = deployment.product?.name ?? t.deployment.aDeployment;
  const scheduled = deployment.status === 'SCHEDULED';
  const stop = () =>
    void cancel({ input: { deploymentId: deployment.id, version: scheduled ? deployment.version : null } }).then(
      (answer) => (answer.words ? setRefused(answer.words) : onClose()),
    );
  return (
    <Dialog
      alert
      title={scheduled ? t.deployment.cancelTitle(name) : t.deployment.stopTitle(name)}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{scheduled ? t.deployment.keepIt : t.deployment.keepGoing}</Act>
          <Act kind="danger" busy={busy} onPress={stop}>
            {scheduled ? t.deployment.cancelIt : t.deployment.stop}
          </Act>
        </>
      }
    >
      <p className="text-ink-2">{scheduled ? t.deployment.cancelText : t.deployment.stopText}</p>
      {refused && (
        <div className="mt-4">
          <Notice tone="critical" urgent>
            {refused}
          </Notice>
        </div>
      )}
    </Dialog>
  );
}
