import { Check, Dot, LoaderCircle, Minus, Undo2, X } from 'lucide-react';
import * as t from '../messages/en';
import { between, duration } from '../time/format';
import { Copy } from '../ui/Copy';
import { cx } from '../ui/cx';
import type { Step } from './documents';

const icons: Record<string, [typeof Check, string]> = {
  PENDING: [Dot, 'text-ink-3'],
  RUNNING: [LoaderCircle, 'text-info'],
  DONE: [Check, 'text-positive'],
  SKIPPED: [Minus, 'text-ink-3'],
  FAILED: [X, 'text-critical'],
  UNDONE: [Undo2, 'text-caution'],
};

/** A wait between two steps that is worth a line, in seconds. */
const gap = 2;

/** The calls to Stripe one after the other, with how long each took and what was between. */
export function Steps({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return <p className="text-ink-2">{t.deployment.noSteps}</p>;
  return (
    <ol className="relative">
      {steps.map((step, i) => (
        <Line key={step.index} step={step} waited={waitBefore(steps[i - 1], step)} />
      ))}
    </ol>
  );
}

function waitBefore(before: Step | undefined, step: Step) {
  if (!before?.finishedAt || !step.startedAt) return 0;
  const seconds = between(before.finishedAt, step.startedAt);
  return seconds >= gap ? seconds : 0;
}

function Line({ step, waited }: { step: Step; waited: number }) {
  const [Icon, ink] = icons[step.status] ?? icons.PENDING!;
  return (
    <li
      className={cx(
        'grid grid-cols-[1.5rem_minmax(0,1fr)_auto] items-start gap-x-3 py-2',
        step.status === 'PENDING' && 'text-ink-2',
      )}
    >
      {waited > 0 && (
        <p className="col-span-3 mb-2 ml-[2.25rem] border-l-2 border-dotted border-edge pl-3 text-xs text-ink-3">
          {t.deployment.wait(duration(waited))}
        </p>
      )}
      <Icon
        aria-hidden
        size={18}
        strokeWidth={2}
        className={cx('mt-px justify-self-center', ink, step.status === 'RUNNING' && 'spin')}
      />
      <div className="min-w-0">
        <p className={cx('[overflow-wrap:anywhere]', step.status === 'UNDONE' && 'line-through decoration-ink-3')}>
          {step.summary}
          <span className="sr-only">, {t.deployment.stepStatus(step.status)}</span>
        </p>
        {step.stripeRequestId && <Copy text={step.stripeRequestId} label={t.deployment.requestId} />}
      </div>
      <p className="data min-w-16 text-right text-xs leading-5 text-ink-3">
        {step.startedAt && step.finishedAt && duration(between(step.startedAt, step.finishedAt))}
        {step.attempts > 1 && <span className="block">{t.deployment.attempts(step.attempts)}</span>}
      </p>
    </li>
  );
}
