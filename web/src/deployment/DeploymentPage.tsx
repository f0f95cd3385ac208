import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { Changes } from '../plan/Changes';
import { Checks } from '../plan/Checks';
import { linesOf } from '../plan/lines';
import { useMyZone, usePlace } from '../shell/context';
import { Nowhere } from '../shell/Problem';
import { useTitle } from '../shell/title';
import { statusOf } from '../status/status';
import { between, clockTime, duration, fullTime } from '../time/format';
import { Act } from '../ui/Act';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Head, Section, Sheet } from '../ui/Panel';
import { Bone, Skeleton } from '../ui/Skeleton';
import { type Deployment, EventsQuery } from './documents';
import { Run } from './Run';
import { useDeployment } from './useDeployment';

/** One deployment, as planned and as it happened. */
export function DeploymentPage() {
  const { id } = useParams({ from: '/t/$tenant/deployments/$id' });
  const { deployment, steps, ...read } = useDeployment(id);
  const missing = read.data && !deployment;
  if (missing || read.problem?.code === 'NOT_FOUND') return <Nowhere />;
  return (
    <Loaded {...read} data={deployment ?? undefined} skeleton={<Waiting />}>
      {(deployment) => <Found deployment={deployment} steps={steps} />}
    </Loaded>
  );
}

function Found({ deployment, steps }: { deployment: Deployment; steps: Deployment['steps'] }) {
  const { tenant, service } = usePlace();
  const navigate = useNavigate();
  const title = t.deployment.title(deployment.kind, deployment.product?.name ?? t.deployment.aDeployment);
  const status = statusOf(deployment, Boolean(service?.pausedSince));
  useTitle(`${status.word}: ${title}`);
  const again = () =>
    void navigate({
      to: '/t/$tenant/products/$product',
      params: { tenant: tenant.slug, product: deployment.product!.id },
      search: { open: 'review' },
    });
  return (
    <>
      <Head
        title={title}
        below={
          <span className="flex flex-wrap items-center gap-3">
            <Word status={status} />
            {deployment.product && (
              <Link
                to="/t/$tenant/products/$product"
                params={{ tenant: tenant.slug, product: deployment.product.id }}
                className="text-link underline"
              >
                {deployment.product.name}
              </Link>
            )}
          </span>
        }
      />
      <Sheet className="p-5 sm:p-6">
        <Run deployment={deployment} steps={steps} onAgain={again} />
      </Sheet>
      <div className="grid gap-x-10 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div>
          {deployment.plan && !deployment.plan.isEmpty && (
            <Section title={t.deployment.planned}>
              <div className="border-t border-hairline">
                <Changes lines={linesOf(deployment.plan.changes)} />
              </div>
            </Section>
          )}
          {deployment.validation && (
            <Section title={t.deployment.checks}>
              <div className="border-t border-hairline">
                <Checks results={deployment.validation.results} />
              </div>
            </Section>
          )}
        </div>
        <div>
          <Facts deployment={deployment} />
          <Events id={deployment.id} upTo={deployment.lastSequence} />
        </div>
      </div>
    </>
  );
}

/** Who, when, why, and how long. */
function Facts({ deployment }: { deployment: Deployment }) {
  const { tenant } = usePlace();
  const zone = useMyZone();
  const to = (id: string, text: string) => (
    <Link to="/t/$tenant/deployments/$id" params={{ tenant: tenant.slug, id }} className="text-link underline">
      {text}
    </Link>
  );
  const facts: [string, React.ReactNode][] = [
    [t.deployment.by, deployment.requestedBy],
    [t.deployment.startedBy, deployment.startedBy],
    [t.deployment.reason, deployment.reason],
    [t.deployment.asked, fullTime(deployment.createdAt, zone)],
    [t.deployment.due, deployment.scheduledFor && fullTime(deployment.scheduledFor, deployment.timeZone ?? zone)],
    [
      t.deployment.started,
      deployment.startedAt &&
        `${fullTime(deployment.startedAt, zone)}${deployment.lateSeconds && deployment.lateSeconds >= 60 ? `, ${t.deployment.late(duration(deployment.lateSeconds))}` : ''}`,
    ],
    [t.deployment.finished, deployment.finishedAt && fullTime(deployment.finishedAt, zone)],
    [
      t.deployment.took,
      deployment.startedAt && deployment.finishedAt && duration(between(deployment.startedAt, deployment.finishedAt)),
    ],
    [
      t.deployment.undoes,
      deployment.rollbackOf && to(deployment.rollbackOf.id, fullTime(deployment.rollbackOf.createdAt, zone)),
    ],
    [
      t.deployment.undoneBy,
      deployment.rolledBackBy && to(deployment.rolledBackBy.id, deployment.rolledBackBy.requestedBy),
    ],
  ];
  return (
    <Section title={t.deployment.facts}>
      <dl className="data grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-4 gap-y-2 border-t border-hairline pt-3">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-3">{name}</dt>
              <dd className="min-w-0 [overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}

const page = 100;

/** Its gap-free history. */
function Events({ id, upTo }: { id: string; upTo: number }) {
  const [after, setAfter] = useState(0);
  const read = useRead(EventsQuery, { id, after }, { policy: upTo > 0 ? 'cache-and-network' : 'cache-first' });
  const zone = useMyZone();
  const events = read.data?.deployment?.events ?? [];
  return (
    <Section title={t.deployment.happened}>
      <ol className="data border-t border-hairline pt-2 text-table">
        {events.map((event) => (
          <li key={event.sequence} className="grid grid-cols-[4.25rem_2.5rem_minmax(0,1fr)] gap-x-2 py-1">
            <time dateTime={event.at} className="text-ink-3">
              {clockTime(event.at, zone)}
            </time>
            <span className="text-right text-ink-3">{event.percentage}%</span>
            <span className="min-w-0 [overflow-wrap:anywhere]">{event.message}</span>
          </li>
        ))}
      </ol>
      {events.length === page && (
        <Act onPress={() => setAfter(events.at(-1)?.sequence ?? 0)}>{t.deployment.olderEvents}</Act>
      )}
    </Section>
  );
}

const Waiting = () => (
  <Skeleton label={t.common.loading}>
    <div className="grid gap-6">
      <Bone className="h-9 w-80 max-w-full" />
      <Bone className="h-60 w-full" />
    </div>
  </Skeleton>
);
