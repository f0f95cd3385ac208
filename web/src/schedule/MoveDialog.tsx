import { useState } from 'react';
import { useClient } from 'urql';
import { useAct } from '../api/use';
import * as t from '../messages/en';
import { useMyZone } from '../shell/context';
import { fullTime } from '../time/format';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { toast } from '../ui/Toast';
import { NewestVersion, Reschedule } from './documents';
import { TimeField } from './TimeField';
import { useTime } from './useTime';

type Scheduled = {
  id: string;
  version: number;
  localTime: string | null;
  scheduledFor: string | null;
  timeZone: string | null;
  product: { name: string } | null;
};
type Theirs = { version: number; by: string; what: string; scheduledFor: string | null; timeZone: string | null };

/** Gives a scheduled go-live another time; somebody else's change is shown, never run over. */
export default function MoveDialog({ deployment, onClose }: { deployment: Scheduled; onClose: () => void }) {
  const mine = useMyZone();
  const client = useClient();
  const time = useTime(mine, { zone: deployment.timeZone ?? mine, localTime: deployment.localTime });
  const [move, busy] = useAct(Reschedule);
  const [refused, setRefused] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Theirs | null>(null);
  const submit = async (version: number) => {
    const input = {
      deploymentId: deployment.id,
      version,
      localTime: time.reading?.localTime,
      timeZone: time.zone,
      disambiguation: time.disambiguation,
    };
    const { words, userErrors } = await move({ input });
    if (!words) {
      toast(t.schedule.moved);
      onClose();
      return;
    }
    setRefused(words);
    if (!userErrors.some((error) => error.code === 'VERSION_CONFLICT')) return;
    const { data } = await client
      .query(NewestVersion, { id: deployment.id }, { requestPolicy: 'network-only' })
      .toPromise();
    const now = data?.deployment;
    if (now)
      setTheirs({
        version: now.version,
        by: now.lastChange?.by ?? '',
        what: now.lastChange?.what ?? '',
        scheduledFor: now.scheduledFor,
        timeZone: now.timeZone,
      });
  };
  return (
    <Dialog
      wide
      title={t.schedule.moveTitle(deployment.product?.name ?? t.deployment.aDeployment)}
      below={deployment.scheduledFor && fullTime(deployment.scheduledFor, deployment.timeZone ?? mine)}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{theirs ? t.schedule.useTheirs : t.common.cancel}</Act>
          <Act
            kind="primary"
            busy={busy || time.settling}
            why={time.ready ? null : time.twofold ? t.schedule.chooseOne : t.schedule.pickFirst}
            onPress={() => void submit(theirs?.version ?? deployment.version)}
          >
            {theirs ? t.schedule.moveAnyway : t.schedule.move(time.short)}
          </Act>
        </>
      }
    >
      <div className="grid gap-4">
        {theirs ? (
          <Notice tone="caution" urgent>
            <p>{theirs.by ? t.schedule.conflict(theirs.by, theirs.what) : t.schedule.conflictUnknown}</p>
            {theirs.scheduledFor && <p className="data">{fullTime(theirs.scheduledFor, theirs.timeZone ?? mine)}</p>}
          </Notice>
        ) : (
          refused && (
            <Notice tone="critical" urgent>
              {refused}
            </Notice>
          )
        )}
        <TimeField time={time} />
      </div>
    </Dialog>
  );
}
