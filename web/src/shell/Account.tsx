import { Link } from '@tanstack/react-router';
import { Check, ChevronsUpDown, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { address } from '../api/base';
import * as t from '../messages/en';
import { itemClass, Menu } from './Menu';
import type { Membership, Viewer } from './context';
import { setTheme, type Theme, useTheme } from './theme';

const initialOf = (text: string) => text.trim().charAt(0).toUpperCase();

/** The business we are in, and the others. */
export function TenantSwitcher({ viewer, tenant }: { viewer: Viewer; tenant: Membership['tenant'] }) {
  const name = (
    <>
      <span
        aria-hidden
        className="grid size-7 shrink-0 place-items-center rounded-control bg-ink text-xs font-semibold text-canvas"
      >
        {initialOf(tenant.name)}
      </span>
      <span className="min-w-0 truncate font-semibold">{tenant.name}</span>
    </>
  );
  if (viewer.memberships.length < 2) return <p className="flex min-h-10 min-w-0 items-center gap-2.5 px-2">{name}</p>;
  return (
    <Menu
      label={t.shell.switchTenant}
      button={
        <>
          {name}
          <ChevronsUpDown aria-hidden size={14} className="ml-auto shrink-0 text-ink-3" />
        </>
      }
    >
      {viewer.memberships.map(({ tenant: other, role }) => (
        <Link
          key={other.id}
          to="/t/$tenant"
          params={{ tenant: other.slug }}
          className={itemClass}
          aria-current={other.id === tenant.id || undefined}
        >
          <span className="min-w-0 grow truncate">{other.name}</span>
          <span className="text-xs text-ink-3">{t.common.role(role)}</span>
          {other.id === tenant.id && <Check aria-hidden size={14} />}
        </Link>
      ))}
    </Menu>
  );
}

const themes: [Theme, typeof Sun][] = [
  ['system', Monitor],
  ['light', Sun],
  ['dark', Moon],
];

/** Who is signed in, how the page looks to them, and the way out. */
export function AccountMenu({
  viewer,
  role,
  up,
  short,
}: {
  viewer: Viewer;
  role: Membership['role'];
  up?: boolean;
  short?: boolean;
}) {
  const name = viewer.name ?? viewer.email;
  const theme = useTheme();
  return (
    <Menu
      label={t.shell.account(name)}
      up={up}
      end={!up}
      button={
        <>
          <span
            aria-hidden
            className="grid size-7 shrink-0 place-items-center rounded-full bg-info-tint text-xs font-semibold text-info"
          >
            {initialOf(name)}
          </span>
          {!short && (
            <span className="min-w-0">
              <span className="block truncate text-sm font-medium">{name}</span>
              <span className="block text-xs text-ink-3">{t.common.role(role)}</span>
            </span>
          )}
        </>
      }
    >
      <p className="truncate px-2.5 pt-1.5 pb-2 text-xs text-ink-3">{viewer.email}</p>
      <fieldset className="mb-1.5 grid grid-cols-3 gap-1 border-y border-hairline py-1.5">
        <legend className="sr-only">{t.shell.theme}</legend>
        {themes.map(([value, Icon]) => (
          <button
            key={value}
            type="button"
            aria-pressed={theme === value}
            aria-label={t.shell.themes[value]}
            title={t.shell.themes[value]}
            onClick={() => setTheme(value)}
            className="grid min-h-9 cursor-pointer place-items-center rounded-control text-ink-3 hover:bg-sunken aria-pressed:bg-sunken aria-pressed:text-ink"
          >
            <Icon aria-hidden size={16} strokeWidth={1.75} />
          </button>
        ))}
      </fieldset>
      <form method="post" action={address('/logout')}>
        <button type="submit" className={itemClass}>
          <LogOut aria-hidden size={16} strokeWidth={1.75} className="text-ink-3" />
          {t.shell.signOut}
        </button>
      </form>
    </Menu>
  );
}
