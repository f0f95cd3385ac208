import { useParams } from '@tanstack/react-router';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { Nowhere } from '../shell/Problem';
import { useTitle } from '../shell/title';
import { Word } from '../ui/Glyph';
import { Loaded } from '../ui/Loaded';
import { Notice } from '../ui/Notice';
import { Head, Sheet } from '../ui/Panel';
import { Bone, Skeleton } from '../ui/Skeleton';
import { cx } from '../ui/cx';
import { Acts } from './Acts';
import type { Event, Order } from './documents';
import { Bought, Disputes, Payments, Refunds } from './Money';
import { Facts, Ids, Timeline } from './Parts';
import { attentionOf, orderStatusOf } from './status';
import { useOrder } from './useOrder';

/** One order: what was bought, what became of the money, and what can be done. */
export function OrderPage() {
  const { id } = useParams({ from: '/t/$tenant/orders/$id' });
  const { order, events, more, ...read } = useOrder(id);
  const missing = read.data && !order;
  if (missing || read.problem?.code === 'NOT_FOUND') return <Nowhere />;
  return (
    <Loaded {...read} data={order ?? undefined} skeleton={<Waiting />}>
      {(order) => <Found key={order.id} order={order} events={events} more={more} />}
    </Loaded>
  );
}

function Found({ order, events, more }: { order: Order; events: Event[]; more: (() => void) | undefined }) {
  const status = orderStatusOf(order.status);
  useTitle(`${status.word}: ${t.orders.order(order.number)}`);
  return (
    <>
      <Head
        title={t.orders.order(order.number)}
        below={
          <span className="flex flex-wrap items-center gap-3">
            <span role="status">
              <Word status={status} />
            </span>
            <span className={cx('border-l-[3px] pl-2', order.mode === 'TEST' ? 'border-test' : 'border-live')}>
              {t.orders.modes[order.mode === 'TEST' ? 'TEST' : 'LIVE']}
            </span>
            <span>{order.customer}</span>
          </span>
        }
      />
      {order.attention.length > 0 && (
        <div className="mb-4 grid gap-2">
          {order.attention.map((kind) => (
            <Notice key={kind} tone="caution">
              <strong className="font-semibold">{attentionOf(kind).word}.</strong> {attentionOf(kind).text}
            </Notice>
          ))}
        </div>
      )}
      <Sheet className="p-5 sm:p-6">
        <Bought order={order} />
        <Acts order={order} />
      </Sheet>
      <div className="grid gap-x-10 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="min-w-0">
          <Disputes order={order} />
          <Payments order={order} />
          <Refunds order={order} />
          <Timeline events={events} more={more} />
        </div>
        <div className="min-w-0">
          <Facts order={order} />
          <Ids order={order} />
        </div>
      </div>
    </>
  );
}

const Waiting = () => (
  <Skeleton label={c.common.loading}>
    <div className="grid gap-6">
      <Bone className="h-9 w-60 max-w-full" />
      <Bone className="h-48 w-full" />
      <Bone className="h-32 w-full" />
    </div>
  </Skeleton>
);
