import { useState } from 'react';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { fieldClass } from '../ui/Field.styles';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { Confirm } from './Confirm';
import { CreateToken, RevokeToken, type Token, TokensQuery } from './documents';

const roles = ['VIEWER', 'DEPLOYER', 'ADMIN'] as const;
type Role = (typeof roles)[number];

/** Tokens for programs; the text of one is shown when it is made, and never again. */
export function Tokens() {
  const { tenant } = usePlace();
  const read = useRead(TokensQuery, { slug: tenant.slug });
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <>
      <Create onDone={read.again} />
      <Loaded
        {...read}
        skeleton={
          <Sheet className="px-4">
            <Rows n={2} label={t.common.loading} />
          </Sheet>
        }
      >
        {({ tenant: found }) => {
          const rows = found?.tokens.filter((token) => !token.revokedAt) ?? [];
          if (rows.length === 0) return <p className="text-ink-2">{t.settings.noTokens}</p>;
          return (
            <Sheet>
              <ul className="divide-y divide-hairline">
                {rows.map((token) => (
                  <li key={token.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
                    <div className="min-w-0 flex-1 basis-52">
                      <p className="truncate font-semibold">{token.name ?? token.hint}</p>
                      <p className="truncate text-xs text-ink-3">
                        <span className="font-mono">{token.hint}</span> · {t.common.role(token.role)} · {token.email} ·{' '}
                        {token.lastUsedAt ? (
                          <>
                            {t.settings.lastUsed} <When at={token.lastUsedAt} />
                          </>
                        ) : (
                          t.settings.neverUsed
                        )}
                      </p>
                    </div>
                    <Act
                      kind="quiet"
                      opens
                      label={`${t.settings.revoke} ${token.name ?? token.hint}`}
                      onPress={() => setRevoking(token)}
                    >
                      {t.settings.revoke}
                    </Act>
                  </li>
                ))}
              </ul>
            </Sheet>
          );
        }}
      </Loaded>
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(null)} onDone={read.again} />}
    </>
  );
}

function Revoke({ token, onClose, onDone }: { token: Token; onClose: () => void; onDone: () => void }) {
  const [revoke] = useAct(RevokeToken);
  const go = async () => {
    const { words } = await revoke({ input: { tokenId: token.id } });
    if (!words) onDone();
    return words;
  };
  return (
    <Confirm
      title={t.settings.revokeTitle(token.name ?? token.hint)}
      text={t.settings.revokeText}
      act={t.settings.revoke}
      keep={t.settings.keep}
      onGo={go}
      onClose={onClose}
    />
  );
}

function Create({ onDone }: { onDone: () => void }) {
  const { tenant, role: mine } = usePlace();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('VIEWER');
  const [service, setService] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [create, busy] = useAct(CreateToken);
  const submit = async () => {
    const { payload, words } = await create({
      input: { tenantId: tenant.id, name: name.trim() || null, role, service },
    });
    setRefused(words);
    if (words) return;
    setSecret(payload?.secret ?? null);
    setName('');
    onDone();
  };
  if (secret)
    return (
      <div className="mb-8">
        <Notice tone="positive" urgent act={<Act onPress={() => setSecret(null)}>{t.settings.haveIt}</Act>}>
          <p className="font-medium">{t.settings.secretOnce}</p>
          <Copy text={secret} label={t.settings.tokens} />
        </Notice>
      </div>
    );
  return (
    <form
      className="mb-8 grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_18rem_auto]">
        <label>
          <span className="sr-only">{t.settings.tokenName}</span>
          <input
            value={name}
            placeholder={t.settings.tokenName}
            required={service}
            onChange={(event) => setName(event.target.value)}
            className={fieldClass}
          />
        </label>
        <label>
          <span className="sr-only">{t.settings.role}</span>
          <select value={role} onChange={(event) => setRole(event.target.value as Role)} className={fieldClass}>
            {roles.slice(0, roles.indexOf(mine) + 1).map((role) => (
              <option key={role} value={role}>
                {t.common.role(role)}: {t.settings.roleWhat[role]}
              </option>
            ))}
          </select>
        </label>
        <Act type="submit" kind="primary" busy={busy}>
          {t.settings.createToken}
        </Act>
      </div>
      {mine === 'ADMIN' && (
        <label className="flex cursor-pointer items-center gap-2.5 text-ink-2">
          <input
            type="checkbox"
            checked={service}
            onChange={(event) => setService(event.target.checked)}
            className="size-4 accent-(--link)"
          />
          {t.settings.service}
        </label>
      )}
      <p role="alert" className="text-xs text-critical empty:hidden">
        {refused}
      </p>
    </form>
  );
}
