import { useState } from 'react';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { Act } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { MailsQuery, type Preference, SetMailPreferences } from './documents';

/** Which emails one gets from this business. */
export function Mails() {
  const { tenant, service } = usePlace();
  const read = useRead(MailsQuery, {}, { policy: 'network-only' });
  const [set] = useAct(SetMailPreferences);
  const [refused, setRefused] = useState<string | null>(null);
  const choose = async (kinds: Preference['kind'][] | null, wanted: boolean | null) => {
    const { words } = await set({ input: { tenantId: tenant.id, kinds, wanted } });
    setRefused(words);
    read.again();
  };
  return (
    <Section
      title={t.settings.emails}
      acts={<Act onPress={() => void choose(null, null)}>{t.settings.mailsReset}</Act>}
    >
      <p className="mb-3 text-ink-2">{service?.mailEnabled === false ? t.schedule.mailOff : t.settings.mailsAlways}</p>
      <p role="alert" className="mb-3 text-critical empty:hidden">
        {refused}
      </p>
      <Loaded {...read} skeleton={<Rows n={4} label={t.common.loading} />}>
        {({ viewer }) => (
          <Sheet>
            <ul className="divide-y divide-hairline">
              {viewer.memberships
                .find((membership) => membership.tenant.id === tenant.id)
                ?.mailPreferences.map((one) => (
                  <Choice key={one.kind} of={one} onChoose={(wanted) => void choose([one.kind], wanted)} />
                ))}
            </ul>
          </Sheet>
        )}
      </Loaded>
    </Section>
  );
}

function Choice({ of, onChoose }: { of: Preference; onChoose: (wanted: boolean) => void }) {
  return (
    <li>
      <label className="flex min-h-11 cursor-pointer items-center gap-3 px-5 py-2 hover:bg-canvas">
        <input
          type="checkbox"
          checked={of.wanted}
          onChange={(event) => onChoose(event.target.checked)}
          className="size-4 shrink-0 accent-(--link)"
        />
        <span className="min-w-0 grow">{t.settings.mailKinds[of.kind]}</span>
        <span className="shrink-0 text-xs text-ink-3">{of.own === null && t.settings.mailDefault}</span>
      </label>
    </li>
  );
}
