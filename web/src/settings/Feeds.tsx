import { useState } from 'react';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { Confirm } from './Confirm';
import { CreateFeed, type Feed, FeedsQuery, RevokeFeed } from './documents';

/** Secret addresses at which calendars find what is scheduled; each is shown once. */
export function Feeds() {
  const { tenant, role } = usePlace();
  const read = useRead(FeedsQuery, { slug: tenant.slug }, { policy: 'network-only' });
  const [create, busy] = useAct(CreateFeed);
  const [url, setUrl] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<Feed | null>(null);
  const submit = async () => {
    const { payload, words } = await create({ input: { tenantId: tenant.id } });
    setRefused(words);
    setUrl(payload?.url ?? null);
    read.again();
  };
  return (
    <Section
      title={t.settings.feeds}
      acts={
        <Act busy={busy} why={role === 'VIEWER' ? t.error.forbidden : null} whyHidden onPress={() => void submit()}>
          {t.settings.createFeed}
        </Act>
      }
    >
      <p className="mb-3 text-ink-2">{t.settings.feedsWhat}</p>
      <p role="alert" className="mb-3 text-critical empty:hidden">
        {refused}
      </p>
      {url && (
        <div className="mb-3">
          <Notice tone="positive" urgent act={<Act onPress={() => setUrl(null)}>{t.settings.haveIt}</Act>}>
            <p className="font-medium">{t.settings.secretOnce}</p>
            <Copy text={url} label={t.settings.feed} />
          </Notice>
        </div>
      )}
      <Loaded {...read} skeleton={<Rows n={1} label={t.common.loading} />}>
        {({ tenant: found }) => (
          <List rows={found?.calendarFeeds.filter((feed) => !feed.revokedAt) ?? []} onRevoke={setRevoking} />
        )}
      </Loaded>
      {revoking && <Revoke feed={revoking} onClose={() => setRevoking(null)} onDone={read.again} />}
    </Section>
  );
}

function List({ rows, onRevoke }: { rows: Feed[]; onRevoke: (feed: Feed) => void }) {
  if (rows.length === 0) return <p className="text-ink-2">{t.settings.noFeeds}</p>;
  return (
    <Sheet>
      <ul className="divide-y divide-hairline">
        {rows.map((feed) => (
          <li key={feed.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
            <div className="min-w-0 flex-1 basis-52">
              <p className="truncate font-mono text-sm">{feed.hint}</p>
              <p className="truncate text-xs text-ink-3">
                {feed.createdBy} · <When at={feed.createdAt} />
              </p>
            </div>
            <Act kind="quiet" opens label={`${t.settings.revoke} ${feed.hint}`} onPress={() => onRevoke(feed)}>
              {t.settings.revoke}
            </Act>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

function Revoke({ feed, onClose, onDone }: { feed: Feed; onClose: () => void; onDone: () => void }) {
  const [revoke] = useAct(RevokeFeed);
  const go = async () => {
    const { words } = await revoke({ input: { feedId: feed.id } });
    if (!words) onDone();
    return words;
  };
  return (
    <Confirm
      title={t.settings.revokeTitle(feed.hint)}
      text={t.settings.revokeFeedText}
      act={t.settings.revoke}
      keep={t.settings.keep}
      onGo={go}
      onClose={onClose}
    />
  );
}
