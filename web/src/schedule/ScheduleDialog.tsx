import { useState } from 'react';
import { newKey } from '../api/key';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { Checks } from '../plan/Checks';
import { useMyZone, usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { toast } from '../ui/Toast';
import { OthersQuery, ScheduleGoLive } from './documents';
import { type Extras, Options } from './Options';
import { TimeField } from './TimeField';
import { useTime } from './useTime';

type Props = { product: { id: string; name: string; can: { schedule: { why: string | null } } }; onClose: () => void };

/** Has a product go live at a time of one's choice. */
export default function ScheduleDialog({ product, onClose }: Props) {
  const { tenant, service } = usePlace();
  const mine = useMyZone();
  const time = useTime(mine, { zone: mine });
  const others = useRead(OthersQuery, { slug: tenant.slug, productId: product.id }, { policy: 'network-only' });
  const [extras, setExtras] = useState<Extras>({ ifChanged: 'HOLD', remind: [30], recipients: '', reason: '' });
  const [schedule, busy] = useAct(ScheduleGoLive);
  const [answer, setAnswer] = useState<Awaited<ReturnType<typeof schedule>> | null>(null);
  const [key, setKey] = useState(newKey);
  const recipients = extras.recipients.split(/[\s,;]+/).filter(Boolean);
  const submit = () =>
    void schedule({
      input: {
        productId: product.id,
        localTime: time.reading?.localTime,
        timeZone: time.zone,
        disambiguation: time.disambiguation,
        ifChanged: extras.ifChanged,
        notifications: {
          email: true,
          remindBeforeMinutes: extras.remind,
          recipients: recipients.length > 0 ? recipients : null,
        },
        reason: extras.reason.trim() || null,
        idempotencyKey: key,
      },
    }).then((answer) => {
      setAnswer(answer);
      // What is mended is another request.
      if (answer.words) setKey(newKey());
      else {
        toast(t.schedule.done);
        onClose();
      }
    });
  const upcoming = others.data?.tenant?.upcoming.nodes ?? [];
  return (
    <Dialog
      wide
      title={t.schedule.title(product.name)}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{t.common.cancel}</Act>
          <Act
            kind="primary"
            busy={busy || time.settling}
            why={
              product.can.schedule.why ??
              (time.ready ? null : time.twofold ? t.schedule.chooseOne : t.schedule.pickFirst)
            }
            onPress={submit}
          >
            {t.schedule.submit(time.short)}
          </Act>
        </>
      }
    >
      <div className="grid gap-6">
        {answer?.words && <Refused answer={answer} />}
        <TimeField time={time} />
        {upcoming.length > 0 && (
          <Notice tone="neutral">
            <p>{t.schedule.others(upcoming.length)}</p>
            <ul>
              {upcoming.map((other) => (
                <li key={other.id}>
                  {other.scheduledFor && <When at={other.scheduledFor} zone={other.timeZone ?? mine} precise />}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        <Options value={extras} onChange={setExtras} mail={service?.mailEnabled !== false} />
      </div>
    </Dialog>
  );
}

function Refused({
  answer,
}: {
  answer: {
    words: string | null;
    payload?: { validation: { results: Parameters<typeof Checks>[0]['results'] } | null };
  };
}) {
  const results = answer.payload?.validation?.results.filter((result) => result.status === 'FAILED') ?? [];
  return (
    <Notice tone="critical" urgent>
      <p>{answer.words}</p>
      {results.length > 0 && <Checks results={results} />}
    </Notice>
  );
}
