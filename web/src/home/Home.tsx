import { Link } from '@tanstack/react-router';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { useMyZone, usePlace } from '../shell/context';
import { useTitle } from '../shell/title';
import { isHeld, statusOf } from '../status/status';
import { When } from '../time/When';
import { useChanges } from '../upcoming/useChanges';
import { actClass } from '../ui/Act';
import { Bridge } from '../ui/Bridge';
import { Glyph, Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Head, Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { HomeQuery, type HomeTenant } from './documents';
import { Figures } from './Figures';
import { First } from './First';

/** What needs somebody, what runs, what is next, and how it has been going. */
export function Home() {
  const { tenant, viewer } = usePlace();
  useTitle(t.home.title);
  const read = useRead(HomeQuery, { slug: tenant.slug });
  useChanges(tenant.id, read.again);
  return (
    <>
      <Head title={viewer.name ? t.home.greeting(viewer.name) : t.home.title} />
      <Loaded
        {...read}
        skeleton={
          <Sheet className="px-4">
            <Rows n={4} label={t.common.loading} />
          </Sheet>
        }
      >
        {({ tenant: found }) =>
          found && (
            <>
              <First imported={Boolean(found.import?.finishedAt)} />
              <Attention rows={found.attention} />
              <div className="grid gap-x-10 lg:grid-cols-2">
                <Running rows={found.deployments.nodes} />
                <Next rows={found.upcoming.nodes.filter((row) => !isHeld(row))} />
              </div>
            </>
          )
        }
      </Loaded>
      <Figures />
    </>
  );
}

/** Where one goes to settle it. */
function Way({ row }: { row: HomeTenant['attention'][number] }) {
  const { tenant } = usePlace();
  const look = actClass();
  if (row.kind === 'MISSED' || row.kind === 'CHANGED_SINCE_SCHEDULED')
    return (
      <Link to="/t/$tenant/scheduled" params={{ tenant: tenant.slug }} className={look}>
        {t.home.decide}
      </Link>
    );
  if (row.order)
    return (
      <Link to="/t/$tenant/orders/$id" params={{ tenant: tenant.slug, id: row.order.id }} className={look}>
        {t.home.look}
      </Link>
    );
  if (row.kind === 'WEBHOOKS')
    return (
      <Link to="/t/$tenant/settings" params={{ tenant: tenant.slug }} search={{ section: 'payments' }} className={look}>
        {t.home.look}
      </Link>
    );
  if (row.deployment)
    return (
      <Link to="/t/$tenant/deployments/$id" params={{ tenant: tenant.slug, id: row.deployment.id }} className={look}>
        {t.home.watch}
      </Link>
    );
  if (row.product)
    return (
      <Link
        to="/t/$tenant/products/$product"
        params={{ tenant: tenant.slug, product: row.product.id }}
        className={look}
      >
        {t.products.review}
      </Link>
    );
  return (
    <Link to="/t/$tenant/settings" params={{ tenant: tenant.slug }} className={look}>
      {t.shell.connect}
    </Link>
  );
}

function Attention({ rows }: { rows: HomeTenant['attention'] }) {
  return (
    <Section title={t.home.needs} className="mt-0">
      {rows.length === 0 ? (
        <p className="flex items-center gap-2 text-ink-2">
          <Glyph shape="disc" tone="positive" size={10} />
          {t.home.quiet}
        </p>
      ) : (
        <Sheet>
          <ul className="divide-y divide-hairline">
            {rows.map((row) => (
              <li
                key={`${row.kind}${row.deployment?.id}${row.product?.id}`}
                className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5"
              >
                <Glyph
                  shape={row.kind === 'PARTIAL' ? 'triangle' : 'diamond'}
                  tone={row.kind === 'PARTIAL' || row.kind === 'MISSED' ? 'critical' : 'caution'}
                />
                <div className="min-w-0 flex-1 basis-56">
                  <p className="font-semibold">
                    {row.product?.name ?? t.home.kinds[row.kind]}
                    {row.product && (
                      <span className="ml-2 text-xs font-normal text-ink-3">{t.home.kinds[row.kind]}</span>
                    )}
                  </p>
                  <p className="text-ink-2 [overflow-wrap:anywhere]">{row.message}</p>
                </div>
                <Way row={row} />
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </Section>
  );
}

function Running({ rows }: { rows: HomeTenant['deployments']['nodes'] }) {
  const { tenant, service } = usePlace();
  return (
    <Section title={t.home.running}>
      {rows.length === 0 ? (
        <p className="text-ink-2">{t.home.nothingRuns}</p>
      ) : (
        <Sheet>
          <ul className="divide-y divide-hairline">
            {rows.map((row) => (
              <li key={row.id}>
                <Link
                  to="/t/$tenant/deployments/$id"
                  params={{ tenant: tenant.slug, id: row.id }}
                  className="grid gap-2 px-4 py-3.5 hover:bg-canvas"
                >
                  <span className="flex items-center justify-between gap-3">
                    <span className="truncate font-semibold">{row.product?.name ?? t.deployment.aDeployment}</span>
                    <Word status={statusOf(row, Boolean(service?.pausedSince))} />
                  </span>
                  <Bridge
                    percent={row.progressPercentage}
                    label={t.deployment.progress(row.product?.name ?? '')}
                    text={t.deployment.percent(row.progressPercentage, row.progressMessage)}
                  />
                  <span className="truncate text-xs text-ink-3">{row.progressMessage}</span>
                </Link>
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </Section>
  );
}

function Next({ rows }: { rows: HomeTenant['upcoming']['nodes'] }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  return (
    <Section
      title={t.home.next}
      acts={
        rows.length > 0 && (
          <Link
            to="/t/$tenant/scheduled"
            params={{ tenant: tenant.slug }}
            className="text-table font-medium text-link hover:underline"
          >
            {t.common.seeAll}
          </Link>
        )
      }
    >
      {rows.length === 0 ? (
        <p className="text-ink-2">{t.home.nothingNext}</p>
      ) : (
        <Sheet>
          <ul className="divide-y divide-hairline">
            {rows.map((row) => (
              <li key={row.id}>
                <Link
                  to="/t/$tenant/deployments/$id"
                  params={{ tenant: tenant.slug, id: row.id }}
                  className="flex min-h-12 items-center justify-between gap-3 px-4 py-2 hover:bg-canvas"
                >
                  <span className="truncate font-semibold">{row.product?.name ?? t.deployment.aDeployment}</span>
                  <span className="shrink-0 text-table text-ink-2">
                    {row.scheduledFor && <When at={row.scheduledFor} zone={zone} precise />}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </Section>
  );
}
