import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '../api/use';
import * as b from '../messages/books';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { isZero } from '../orders/amount';
import { methodOf } from '../orders/Money';
import { usePlace } from '../shell/context';
import { Nowhere } from '../shell/Problem';
import { useTitle } from '../shell/title';
import { Act } from '../ui/Act';
import { Copy } from '../ui/Copy';
import { Loaded } from '../ui/Loaded';
import { Money, money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { Head, Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { arrivalOf } from './arrival';
import { type Payout, PayoutQuery } from './documents';
import { Table } from './Table';

/** One payout, explained to the cent by the transactions that it pays out. */
export function PayoutPage() {
  const { id } = useParams({ from: '/t/$tenant/orders/payouts/$id' });
  const [after, setAfter] = useState<string | null>(null);
  const read = useRead(PayoutQuery, { id, after });
  const payout = read.data?.payout;
  if ((read.data && !payout) || read.problem?.code === 'NOT_FOUND') return <Nowhere />;
  return (
    <Loaded {...read} data={payout ?? undefined} skeleton={<Rows n={6} label={c.common.loading} />}>
      {(payout) => <Found payout={payout} more={setAfter} />}
    </Loaded>
  );
}

const figures = [
  { name: b.payouts.gross, right: true },
  { name: b.payouts.fee, right: true },
  { name: b.payouts.net, right: true },
];

function Found({ payout, more }: { payout: Payout; more: (after: string | null) => void }) {
  const title = b.payouts.title(money(payout.amount));
  useTitle(title);
  const explained = isZero(payout.residual);
  const arrives = arrivalOf(payout);
  return (
    <>
      <Head
        title={title}
        below={
          <span className="flex flex-wrap items-center gap-3">
            {b.payouts.status[payout.status] ?? payout.status}
            {arrives && <span>{arrives}</span>}
            <Copy text={payout.stripePayoutId} label={t.orders.tabs.payouts} />
          </span>
        }
      />
      <Notice tone={explained ? 'positive' : 'caution'}>
        {explained ? b.payouts.explained : b.payouts.residual(money(payout.residual))}
      </Notice>
      <Section title={b.payouts.lines}>
        <Sheet>
          <Table
            label={b.payouts.lines}
            columns={[{ name: b.payouts.category }, { name: b.payouts.count, right: true }, ...figures]}
            rows={payout.lines.map((line) => ({
              key: line.category,
              cells: [
                methodOf(line.category),
                line.count,
                <Money key="gross" of={line.gross} />,
                <Money key="fee" of={line.fee} />,
                <Money key="net" of={line.net} />,
              ],
            }))}
          />
        </Sheet>
      </Section>
      <Transactions payout={payout} more={more} />
    </>
  );
}

function Transactions({ payout, more }: { payout: Payout; more: (after: string | null) => void }) {
  const { tenant } = usePlace();
  const { nodes, pageInfo } = payout.balanceTransactions;
  return (
    <Section title={b.payouts.each}>
      <Sheet>
        <Table
          label={b.payouts.each}
          columns={[{ name: b.payouts.category }, { name: b.payouts.order }, ...figures]}
          rows={nodes.map((transaction) => ({
            key: transaction.id,
            cells: [
              <span key="category">
                {methodOf(transaction.category)}
                <span className="ml-2">
                  <Copy text={transaction.stripeId} label={methodOf(transaction.category)} />
                </span>
              </span>,
              transaction.order ? (
                <Link
                  key="order"
                  to="/t/$tenant/orders/$id"
                  params={{ tenant: tenant.slug, id: transaction.order.id }}
                  className="text-link underline"
                >
                  {transaction.order.number}
                </Link>
              ) : (
                b.payouts.none
              ),
              <Money key="gross" of={transaction.gross} />,
              <Money key="fee" of={transaction.fee} />,
              <Money key="net" of={transaction.net} />,
            ],
          }))}
        />
        {pageInfo.hasNextPage && (
          <div className="border-t border-hairline p-3 text-center">
            <Act kind="quiet" onPress={() => more(pageInfo.endCursor)}>
              {b.payouts.more}
            </Act>
          </div>
        )}
      </Sheet>
    </Section>
  );
}
