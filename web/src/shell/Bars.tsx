import { useEffect, useState } from 'react';
import { address } from '../api/base';
import { lostSince, setLink, useLink } from '../api/link';
import * as t from '../messages/en';
import { clockTime } from '../time/format';
import { useNow } from '../time/clock';
import { Act } from '../ui/Act';
import { Notice } from '../ui/Notice';
import type { Service } from './context';

const channel = 'golive-signed-in';

/** What concerns the whole page, above everything else. */
export function Bars({ service, build }: { service: Service | undefined; build: string | undefined }) {
  const link = useLink();
  return (
    <>
      {link === 'ended' && <Ended />}
      {link === 'offline' && <Offline />}
      {link === 'lost' && <Lost />}
      {service?.pausedSince && (
        <Notice tone="caution" full>
          {t.shell.paused(service.pausedReason)}
        </Notice>
      )}
      {build && service && service.build !== build && (
        <Notice full act={<Act onPress={() => location.reload()}>{t.shell.reload}</Act>}>
          {t.shell.upgrade}
        </Notice>
      )}
    </>
  );
}

/** Signing in again happens in a window beside, so that what was typed stays. */
function Ended() {
  useEffect(() => {
    const heard = new BroadcastChannel(channel);
    heard.onmessage = () => setLink('open');
    return () => heard.close();
  }, []);
  const open = () =>
    window.open(address('/login?return_to=/signed-in'), 'golive-sign-in', 'popup,width=480,height=640');
  return (
    <Notice
      tone="caution"
      urgent
      full
      act={
        <Act kind="primary" onPress={open}>
          {t.shell.signInAgain}
        </Act>
      }
    >
      {t.shell.ended}
    </Notice>
  );
}

function Offline() {
  const [since] = useState(() => new Date().toISOString());
  return (
    <Notice tone="caution" full>
      {t.shell.offline(clockTime(since).slice(0, 5))}
    </Notice>
  );
}

/** A short cut is nobody's business. */
function Lost() {
  const now = useNow();
  if (now - lostSince() < 3000) return null;
  return (
    <Notice tone="neutral" full>
      {t.shell.lost}
    </Notice>
  );
}

/** What the window shows that somebody signed in again with. */
export function SignedIn() {
  useEffect(() => {
    const tell = new BroadcastChannel(channel);
    tell.postMessage(true);
    tell.close();
    window.close();
  }, []);
  return <p className="grid min-h-dvh place-items-center text-title">{t.shell.signedIn}</p>;
}
