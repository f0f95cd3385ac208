import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import * as t from '../messages/en';
import { usePlace } from '../shell/context';
import { Section, Sheet } from '../ui/Panel';
import { cx } from '../ui/cx';

/** The way to the first go-live, until it is behind one. */
export function First({ imported }: { imported: boolean }) {
  const { tenant } = usePlace();
  const connected = new Set(tenant.stripeConnections.map((c) => c.mode)).size === 2;
  if (connected && imported) return null;
  const done = [connected, imported, false];
  const ways = ['/t/$tenant/settings', '/t/$tenant/products', '/t/$tenant/products'] as const;
  const now = done.indexOf(false);
  return (
    <Section title={t.home.firstTitle} className="mt-0 mb-10">
      <Sheet>
        <ol className="divide-y divide-hairline sm:flex sm:divide-x sm:divide-y-0">
          {t.home.firstSteps.map((step, i) => (
            <li key={step} className="flex-1">
              <Link
                to={ways[i]!}
                params={{ tenant: tenant.slug }}
                className={cx(
                  'flex min-h-16 items-center gap-3 px-5 font-medium hover:bg-canvas',
                  i !== now && 'text-ink-2',
                )}
                aria-current={i === now ? 'step' : undefined}
              >
                <span
                  aria-hidden
                  className={cx(
                    'data grid size-7 place-items-center rounded-full text-xs',
                    done[i] ? 'bg-positive-tint text-positive' : i === now ? 'bg-ink text-canvas' : 'bg-sunken',
                  )}
                >
                  {done[i] ? <Check size={14} /> : i + 1}
                </span>
                {step}
              </Link>
            </li>
          ))}
        </ol>
      </Sheet>
    </Section>
  );
}
