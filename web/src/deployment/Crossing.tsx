import * as t from '../messages/en';
import { BankPanel } from '../bank/Banks';
import type { InMode } from '../bank/documents';
import { isOver } from '../status/status';
import { Bridge } from '../ui/Bridge';
import type { Deployment } from './documents';

type Banks = { name: string; inTest: InMode | null; inLive: InMode | null };
type WayProps = {
  product: Banks | null;
  percent: number;
  message: string;
  words?: string;
  fresh?: boolean;
  still?: boolean;
};

/** Both banks, and the bridge between them as far as it is filled. */
export function Way({ product, percent, message, words = message, fresh, still }: WayProps) {
  const name = product?.name ?? t.deployment.aDeployment;
  return (
    <div className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-[minmax(0,12rem)_minmax(0,1fr)_minmax(0,12rem)] sm:items-center">
      <BankPanel mode="test" of={product?.inTest ?? null} />
      <div className="order-last col-span-2 grid gap-2 sm:order-none sm:col-span-1">
        <div className="flex items-baseline justify-between gap-3 text-sm">
          <p className="min-w-0 font-medium">{words}</p>
          <p className="data shrink-0 text-ink-2">{percent}%</p>
        </div>
        <Bridge
          percent={percent}
          label={t.deployment.progress(name)}
          text={t.deployment.percent(percent, message)}
          still={still}
        />
      </div>
      <BankPanel key={fresh ? 'new' : 'old'} mode="live" of={product?.inLive ?? null} fresh={fresh} />
    </div>
  );
}

/** A deployment on its way, or where it ended. */
export function Crossing({ deployment }: { deployment: Deployment }) {
  const { progressPercentage: percent, progressMessage: message } = deployment;
  const done = deployment.status === 'COMPLETED';
  return (
    <Way
      product={deployment.product}
      percent={percent}
      message={message}
      words={done && deployment.kind === 'GO_LIVE' ? t.status.live : message}
      fresh={done}
      still={isOver(deployment) && !done}
    />
  );
}
