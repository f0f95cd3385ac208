import { useNavigate } from '@tanstack/react-router';
import { Sparkles } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '../api/use';
import { DeployNow } from '../deployment/documents';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { fullTime } from '../time/format';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import type { Scheduled } from './documents';

/** Starts a scheduled go-live at once. */
export default function NowDialog({ deployment, onClose }: { deployment: Scheduled; onClose: () => void }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  const navigate = useNavigate();
  const [start, busy] = useAct(DeployNow);
  const [refused, setRefused] = useState<string | null>(null);
  const go = () =>
    void start({ input: { deploymentId: deployment.id, version: deployment.version } }).then(({ words }) => {
      if (words) setRefused(words);
      else void navigate({ to: '/t/$tenant/deployments/$id', params: { tenant: tenant.slug, id: deployment.id } });
    });
  return (
    <Dialog
      alert
      title={t.upcoming.nowTitle(deployment.product?.name ?? t.deployment.aDeployment)}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{t.deployment.keepIt}</Act>
          <Act kind="crossing" icon={Sparkles} busy={busy} onPress={go}>
            {t.upcoming.nowButton}
          </Act>
        </>
      }
    >
      {deployment.scheduledFor && (
        <p className="text-ink-2">
          {t.upcoming.nowText(fullTime(deployment.scheduledFor, deployment.timeZone ?? zone))}
        </p>
      )}
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
