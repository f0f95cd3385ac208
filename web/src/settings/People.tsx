import { useState } from 'react';
import { useAct, useRead } from '../api/use';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { Act } from '../ui/Act';
import { fieldClass } from '../ui/Field.styles';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { Confirm } from './Confirm';
import { InviteMember, type Member, PeopleQuery, RemoveMember, SetMemberRole, WithdrawInvitation } from './documents';

const roles = ['VIEWER', 'DEPLOYER', 'ADMIN'] as const;
type Role = (typeof roles)[number];

/** Who belongs to the business, and who has been asked to. */
export function People() {
  const { tenant, role } = usePlace();
  const read = useRead(PeopleQuery, { slug: tenant.slug });
  const [told, setTold] = useState<string | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const [withdraw] = useAct(WithdrawInvitation);
  const admin = role === 'ADMIN';
  return (
    <>
      {told && (
        <div className="mb-4">
          <Notice tone="caution" urgent>
            {told}
          </Notice>
        </div>
      )}
      {admin && <Invite onDone={read.again} />}
      <Loaded
        {...read}
        skeleton={
          <Sheet className="px-4">
            <Rows n={3} label={t.common.loading} />
          </Sheet>
        }
      >
        {({ tenant: found }) => (
          <>
            <Section title={t.settings.members} className="mt-0">
              <Sheet>
                <ul className="divide-y divide-hairline">
                  {found?.members.map((member) => (
                    <Person key={member.id} member={member} onTold={setTold} onRemove={() => setRemoving(member)} />
                  ))}
                </ul>
              </Sheet>
            </Section>
            {admin && (
              <Section title={t.settings.invitations}>
                {found?.invitations.length === 0 && <p className="text-ink-2">{t.settings.noInvitations}</p>}
                <ul className="divide-y divide-hairline">
                  {found?.invitations.map((invitation) => (
                    <li key={invitation.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
                      <div className="min-w-0 flex-1 basis-52">
                        <p className="truncate font-medium">{invitation.email}</p>
                        <p className="text-xs text-ink-3">
                          {t.common.role(invitation.role)}, {t.settings.invitedBy(invitation.invitedBy)},{' '}
                          {t.settings.expires} <When at={invitation.expiresAt} precise />
                        </p>
                      </div>
                      <Act
                        kind="quiet"
                        onPress={() =>
                          void withdraw({ input: { invitationId: invitation.id } }).then(({ words }) =>
                            words ? setTold(words) : read.again(),
                          )
                        }
                      >
                        {t.settings.withdraw}
                      </Act>
                    </li>
                  ))}
                </ul>
              </Section>
            )}
          </>
        )}
      </Loaded>
      {removing && <Remove member={removing} onTold={setTold} onClose={() => setRemoving(null)} onDone={read.again} />}
    </>
  );
}

type PersonProps = { member: Member; onTold: (words: string | null) => void; onRemove: () => void };

function Person({ member, onTold, onRemove }: PersonProps) {
  const { role, viewer } = usePlace();
  const [setRole, busy] = useAct(SetMemberRole);
  const admin = role === 'ADMIN';
  const change = async (role: Role) => {
    const { words, payload } = await setRole({ input: { memberId: member.id, role } });
    const affected = payload?.schedulesAffected.length ?? 0;
    onTold(words ?? (affected > 0 ? t.settings.affected(affected) : null));
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate font-semibold">{member.name ?? member.email}</p>
        <p className="truncate text-xs text-ink-3">{member.email}</p>
      </div>
      {admin ? (
        <select
          aria-label={`${t.settings.role}: ${member.email}`}
          value={member.role}
          disabled={busy}
          onChange={(event) => void change(event.target.value as Role)}
          className={`${fieldClass} w-auto!`}
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {t.common.role(role)}
            </option>
          ))}
        </select>
      ) : (
        <span className="text-ink-2">{t.common.role(member.role)}</span>
      )}
      {(admin || member.email === viewer.email) && (
        <Act kind="quiet" opens label={`${t.settings.remove} ${member.email}`} onPress={onRemove}>
          {t.settings.remove}
        </Act>
      )}
    </li>
  );
}

type RemoveProps = { member: Member; onTold: (words: string | null) => void; onClose: () => void; onDone: () => void };

function Remove({ member, onTold, onClose, onDone }: RemoveProps) {
  const [remove] = useAct(RemoveMember);
  const go = async () => {
    const { words, payload } = await remove({ input: { memberId: member.id } });
    if (words) return words;
    const affected = payload?.schedulesAffected.length ?? 0;
    onTold(affected > 0 ? t.settings.affected(affected) : null);
    onDone();
    return null;
  };
  return (
    <Confirm
      title={t.settings.removeTitle(member.name ?? member.email)}
      text={t.settings.removeText}
      act={t.settings.remove}
      keep={t.settings.keep}
      onGo={go}
      onClose={onClose}
    />
  );
}

function Invite({ onDone }: { onDone: () => void }) {
  const { tenant } = usePlace();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('DEPLOYER');
  const [refused, setRefused] = useState<string | null>(null);
  const [invite, busy] = useAct(InviteMember);
  const submit = async () => {
    const { words } = await invite({ input: { tenantId: tenant.id, email: email.trim(), role } });
    setRefused(words);
    if (words) return;
    setEmail('');
    onDone();
  };
  return (
    <form
      className="mb-8"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_18rem_auto]">
        <label>
          <span className="sr-only">{t.settings.email}</span>
          <input
            type="email"
            required
            value={email}
            placeholder={t.settings.email}
            onChange={(event) => setEmail(event.target.value)}
            aria-invalid={Boolean(refused)}
            aria-describedby="invite-refused"
            className={fieldClass}
          />
        </label>
        <label>
          <span className="sr-only">{t.settings.role}</span>
          <select value={role} onChange={(event) => setRole(event.target.value as Role)} className={fieldClass}>
            {roles.map((role) => (
              <option key={role} value={role}>
                {t.common.role(role)}: {t.settings.roleWhat[role]}
              </option>
            ))}
          </select>
        </label>
        <Act type="submit" kind="primary" busy={busy}>
          {t.settings.invite}
        </Act>
      </div>
      <p id="invite-refused" role="alert" className="mt-1.5 text-xs text-critical">
        {refused}
      </p>
    </form>
  );
}
