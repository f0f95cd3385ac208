import { useMemo, useRef, useState } from 'react';
import { useFollow } from '../api/follow';
import { useRead } from '../api/use';
import { isOver } from '../status/status';
import { announce } from '../ui/announce';
import { type Deployment, DeploymentQuery, type Event, Progress, type Step } from './documents';

/** A deployment, followed until it is over. Its steps are as new as the last event. */
export function useDeployment(id: string, onOver?: () => void) {
  const read = useRead(DeploymentQuery, { id });
  const deployment = read.data?.deployment ?? null;
  const start = useStart(id, deployment);
  const [steps, setSteps] = useState<Map<number, Step>>(new Map());
  const known = deployment?.steps.length ?? 0;
  const again = read.again;

  const seen = useRef(0);
  const onEvent = (event: Event) => {
    if (event.sequence <= seen.current) return;
    seen.current = event.sequence;
    announce(`${event.percentage}% – ${event.message}`, event.terminal);
    if (event.steps.length > 0) {
      setSteps((before) => new Map([...before, ...event.steps.map((step) => [step.index, step] as const)]));
      if (event.steps.some((step) => step.index > known)) again();
    }
    if (event.terminal) {
      again();
      onOver?.();
    }
  };
  // To the last event, also where another subscription has told of the end already.
  useFollow(
    Progress,
    { id, after: start?.after ?? null },
    ({ deploymentProgress: event }) => onEvent(event),
    !start || start.over,
  );

  const merged = useMemo(
    () => deployment?.steps.map((step) => newer(step, steps.get(step.index))) ?? [],
    [deployment, steps],
  );
  return { ...read, deployment, steps: merged };
}

/** Where to go on from: the event that the first answer knew, and whether it was the last. */
function useStart(id: string, deployment: Deployment | null) {
  const [start, setStart] = useState<{ id: string; after: number; over: boolean }>();
  if (deployment && start?.id !== id && deployment.id === id)
    setStart({ id, after: deployment.lastSequence, over: isOver(deployment) });
  return start?.id === id ? start : undefined;
}

const rank: Record<string, number> = { PENDING: 0, RUNNING: 1, SKIPPED: 2, DONE: 2, FAILED: 3, UNDONE: 4 };

/** Of a step as it was read and as an event told it, the one that is further. */
const newer = (read: Step, told: Step | undefined) =>
  told && ((rank[told.status] ?? 0) > (rank[read.status] ?? 0) || told.attempts > read.attempts) ? told : read;
