import { useState } from 'react';
import { useClient } from 'urql';
import { useAct } from '../api/use';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { ShellQuery } from '../shell/documents';
import { Act } from '../ui/Act';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { toast } from '../ui/Toast';
import { CheckStripeKey, ConnectStripe } from './documents';

/** A key is proved and its account named before it is stored. */
export default function ConnectDialog({ mode, onClose }: { mode: 'TEST' | 'LIVE'; onClose: () => void }) {
  const { tenant } = usePlace();
  const client = useClient();
  const [secretKey, setKey] = useState('');
  const [allowDifferentAccount, allow] = useState(false);
  const [found, setFound] = useState<{ name: string; id: string } | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [check, checking] = useAct(CheckStripeKey);
  const [connect, connecting] = useAct(ConnectStripe);
  const input = { tenantId: tenant.id, mode, secretKey: secretKey.trim(), allowDifferentAccount };
  const edit = (value: string) => {
    setKey(value);
    setFound(null);
    setRefused(null);
  };
  const prove = async () => {
    const { payload, words } = await check({ input });
    setRefused(words);
    if (!words && payload?.accountId)
      setFound({ name: payload.accountName ?? payload.accountId, id: payload.accountId });
  };
  const store = async () => {
    const { words } = await connect({ input });
    if (words) {
      setRefused(words);
      return;
    }
    void client.query(ShellQuery, {}, { requestPolicy: 'network-only' }).toPromise();
    toast(t.settings.saved);
    onClose();
  };
  return (
    <Dialog
      title={t.settings.connectTitle(t.settings.mode(mode).toLowerCase())}
      onClose={onClose}
      foot={
        <>
          <Act onPress={onClose}>{t.common.cancel}</Act>
          {found ? (
            <Act kind="primary" busy={connecting} onPress={() => void store()}>
              {t.settings.connectThis}
            </Act>
          ) : (
            <Act kind="primary" busy={checking} onPress={() => void prove()}>
              {t.settings.check}
            </Act>
          )}
        </>
      }
    >
      <div className="grid gap-4">
        <Field
          label={t.settings.key}
          hint={t.settings.keyWhat(mode.toLowerCase())}
          value={secretKey}
          onChange={edit}
          error={refused}
          type="password"
          secret
          focus
        />
        <label className="flex cursor-pointer gap-3">
          <input
            type="checkbox"
            checked={allowDifferentAccount}
            onChange={(event) => allow(event.target.checked)}
            className="mt-0.5 size-4 accent-(--link)"
          />
          <span>
            <span className="block font-medium">{t.settings.otherAccount}</span>
            <span className="block text-xs text-ink-2">{t.settings.otherAccountText}</span>
          </span>
        </label>
        {found && (
          <Notice tone="positive" urgent>
            {t.settings.thisIs} <strong className="font-semibold">{found.name}</strong>{' '}
            <span className="font-mono text-xs">{found.id}</span>, {t.settings.inMode(mode.toLowerCase())}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
