import { Link } from '@tanstack/react-router';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { statusOf } from '../status/status';
import { When } from '../time/When';
import { Word } from '../ui/Glyph';
import { Money } from '../ui/Money';
import { Section } from '../ui/Panel';
import type { ProductDetail } from './documents';

/** What has changed in test since the last go-live, as far as the last import knows. */
export function Known({ product }: { product: ProductDetail }) {
  const { known } = product;
  return (
    <Section title={t.product.known}>
      {!known ? (
        <p className="text-ink-2">{t.product.knownNever}</p>
      ) : known.count === 0 ? (
        <p className="text-ink-2">{t.product.knownNone}</p>
      ) : (
        <ul className="divide-y divide-hairline border-y border-hairline">
          {known.lines.map((line) => (
            <li key={line} className="py-2.5 [overflow-wrap:anywhere]">
              {line}
            </li>
          ))}
          {known.count > known.lines.length && (
            <li className="py-2.5 text-ink-2">{t.products.more(known.count - known.lines.length)}</li>
          )}
        </ul>
      )}
      {known && (
        <p className="mt-2 text-xs text-ink-3">
          {t.products.asOf} <When at={known.asOf} />
        </p>
      )}
    </Section>
  );
}

/** Every price with where it stands. */
export function Prices({ product }: { product: ProductDetail }) {
  return (
    <Section title={t.product.prices}>
      {product.prices.length === 0 ? (
        <p className="text-ink-2">{t.common.none}</p>
      ) : (
        <ul className="divide-y divide-hairline border-y border-hairline">
          {product.prices.map((price) => (
            <li key={price.testId} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-2.5">
              <span className={price.active ? 'font-medium' : 'text-ink-3'}>
                {price.amount ? (
                  <Money of={price.amount} />
                ) : price.billingScheme === 'tiered' ? (
                  t.product.tiered
                ) : (
                  t.product.custom
                )}
                {price.interval && (
                  <span className="font-normal text-ink-3">
                    {' '}
                    {t.common.every(price.interval, price.intervalCount ?? 1)}
                  </span>
                )}
              </span>
              {price.nickname && <span className="text-ink-2">{price.nickname}</span>}
              {price.isDefault && (
                <span className="rounded-full bg-sunken px-2 py-0.5 text-xs">{t.product.default}</span>
              )}
              {!price.active && (
                <span className="rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-2">{t.product.archivedPrice}</span>
              )}
              <span className="ml-auto min-w-0 truncate font-mono text-xs text-ink-3">
                {price.lookupKey ?? price.testId}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Scheduled({ product }: { product: ProductDetail }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  const next = product.nextScheduled;
  if (!next?.scheduledFor) return null;
  return (
    <Section title={t.product.scheduled}>
      <Link
        to="/t/$tenant/deployments/$id"
        params={{ tenant: tenant.slug, id: next.id }}
        className="flex min-h-11 items-center justify-between gap-3 border-y border-hairline py-2.5 hover:bg-sunken"
      >
        <When at={next.scheduledFor} zone={next.timeZone ?? zone} precise />
        <Word status={statusOf(next)} />
      </Link>
      {product.scheduledCount > 1 && (
        <p className="mt-2 text-xs text-ink-3">{t.product.more(product.scheduledCount - 1)}</p>
      )}
    </Section>
  );
}

export function Recent({ product }: { product: ProductDetail }) {
  const { tenant } = usePlace();
  const nodes = product.deployments.nodes.filter((d) => d.status !== 'SCHEDULED');
  return (
    <Section title={t.product.recent}>
      {nodes.length === 0 ? (
        <p className="text-ink-2">{t.product.noneYet}</p>
      ) : (
        <ul className="divide-y divide-hairline border-y border-hairline">
          {nodes.map((d) => (
            <li key={d.id}>
              <Link
                to="/t/$tenant/deployments/$id"
                params={{ tenant: tenant.slug, id: d.id }}
                className="flex min-h-11 flex-wrap items-center gap-x-3 py-2 hover:bg-sunken"
              >
                <Word status={statusOf(d)} />
                <span className="ml-auto text-xs text-ink-3">
                  <When at={d.finishedAt ?? d.createdAt} />
                </span>
                <span className="w-full truncate text-xs text-ink-3">{d.requestedBy}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
