import { Link, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import * as t from '../messages/en';
import { useTitle } from '../shell/title';
import { Head } from '../ui/Panel';
import { useCurrentInView } from '../ui/current';
import { cx } from '../ui/cx';
import { Audit } from './Audit';
import { Me } from './Me';
import { People } from './People';
import { Stripe } from './Stripe';
import { Tokens } from './Tokens';

const Payments = lazy(() => import('../inbox/Payments'));
const sections = { payments: Payments, people: People, tokens: Tokens, me: Me, audit: Audit } as const;
type Section = keyof typeof sections;

/** Keys, people, tokens, oneself, and the log, a part at a time. */
export function Settings() {
  const { section } = useSearch({ from: '/t/$tenant/settings' });
  useTitle(`${t.settings.sections[section ?? 'stripe']} · ${t.settings.title}`);
  const row = useCurrentInView(section);
  const Part = section ? sections[section] : Stripe;
  return (
    <>
      <Head title={t.settings.title} />
      <nav
        ref={row}
        aria-label={t.settings.title}
        className="-mx-4 mb-6 flex gap-1 overflow-x-auto border-b border-hairline px-4 sm:mx-0 sm:px-0"
      >
        {([undefined, ...Object.keys(sections)] as (Section | undefined)[]).map((key) => (
          <Link
            key={key ?? 'stripe'}
            from="/t/$tenant/settings"
            to="."
            search={{ section: key }}
            aria-current={section === key ? 'page' : undefined}
            className={cx(
              '-mb-px flex min-h-11 items-center whitespace-nowrap border-b-2 px-3 font-medium',
              section === key ? 'border-ink text-ink' : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            {t.settings.sections[key ?? 'stripe']}
          </Link>
        ))}
      </nav>
      <Suspense>
        <Part />
      </Suspense>
    </>
  );
}
