import { lazy, Suspense } from 'react';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { useMyZone } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { toast } from '../ui/Toast';
import { Feeds } from './Feeds';
import { Mails } from './Mails';
import { EndSession, MeQuery, SetTimeZone } from './documents';

const ZoneField = lazy(() => import('../schedule/ZoneField').then((module) => ({ default: module.ZoneField })));

/** What is one's own: the zone that times are read in, and the browsers one is signed in with. */
export function Me() {
  const zone = useMyZone();
  const read = useRead(MeQuery, {});
  const [setZone] = useAct(SetTimeZone);
  const [end] = useAct(EndSession);
  const choose = async (timeZone: string) => {
    const { words } = await setZone({ input: { timeZone } });
    if (!words) {
      toast(t.settings.saved);
      read.again();
    }
  };
  const leave = async (sessionId: string | null) => {
    await end({ input: { sessionId } });
    read.again();
  };
  return (
    <>
      <div className="max-w-sm">
        <Suspense fallback={<div className="h-16" />}>
          <ZoneField label={t.settings.myZone} value={zone} onChange={(zone) => void choose(zone)} />
        </Suspense>
      </div>
      <Mails />
      <Feeds />
      <Section title={t.settings.sessions} acts={<Act onPress={() => void leave(null)}>{t.settings.endOthers}</Act>}>
        <Loaded {...read} skeleton={<Rows n={2} label={t.common.loading} />}>
          {({ viewer }) => (
            <Sheet>
              <ul className="divide-y divide-hairline">
                {viewer.sessions.map((session) => (
                  <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
                    <div className="min-w-0 flex-1 basis-52">
                      <p className="truncate font-medium">
                        {session.current ? t.settings.thisOne : browserOf(session.userAgent)}
                      </p>
                      <p className="text-xs text-ink-3">
                        {t.settings.lastUsed} <When at={session.lastUsedAt} />
                      </p>
                    </div>
                    {!session.current && (
                      <Act kind="quiet" onPress={() => void leave(session.id)}>
                        {t.settings.end}
                      </Act>
                    )}
                  </li>
                ))}
              </ul>
            </Sheet>
          )}
        </Loaded>
      </Section>
    </>
  );
}

/** A browser by its name and where it runs, as far as it tells. */
function browserOf(agent: string): string {
  const name = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1]?.replace('Edg', 'Edge').replace('OPR', 'Opera');
  const system = /(Windows|Macintosh|iPhone|iPad|Android|Linux)/.exec(agent)?.[1]?.replace('Macintosh', 'Mac');
  return [name, system].filter(Boolean).join(' · ') || agent.slice(0, 60);
}
