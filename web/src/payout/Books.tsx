import { Link, useSearch } from '@tanstack/react-router';
import { useRead } from '../api/use';
import * as b from '../messages/books';
import * as c from '../messages/en';
import * as t from '../messages/orders';
import { methodOf } from '../orders/Money';
import { modeOf } from '../orders/mode';
import { Top } from '../orders/Top';
import { usePlace } from '../shell/context';
import { When } from '../time/When';
import { actClass } from '../ui/Act';
import { Loaded } from '../ui/Loaded';
import { Money } from '../ui/Money';
import { Notice } from '../ui/Notice';
import { Section, Sheet } from '../ui/Panel';
import { Rows } from '../ui/Skeleton';
import { type Books as Found, BooksQuery } from './documents';
import { monthOf, shifted, spanOf, wordsOf } from './month';
import { Table } from './Table';

/** What moved the balance in a month, what it cost, and in what Stripe and Golive differ. */
export function Books() {
  const { tenant } = usePlace();
  const search = useSearch({ from: '/t/$tenant/orders/reconciliation' });
  const mode = modeOf(search);
  const month = search.month ?? monthOf(tenant.now);
  const read = useRead(BooksQuery, { slug: tenant.slug, mode, ...spanOf(month) });
  const to = (by: number, label: string) => (
    <Link
      from="/t/$tenant/orders/reconciliation"
      to="."
      search={(before) => ({ ...before, month: shifted(month, by) })}
      replace
      className={actClass()}
    >
      {label}
    </Link>
  );
  return (
    <>
      <Top title={t.orders.tabs.books} mode={mode} />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <h2 className="min-w-40 text-title font-semibold">{wordsOf(month)}</h2>
        {to(-1, b.books.previous)}
        {to(1, b.books.next)}
      </div>
      <Loaded {...read} skeleton={<Rows n={4} label={c.common.loading} />}>
        {({ tenant: found }) => found && <Figures found={found} />}
      </Loaded>
    </>
  );
}

function Figures({ found }: { found: Found }) {
  const { currencies } = found.reconciliation;
  const unmatched = currencies.reduce((sum, currency) => sum + currency.unmatched, 0);
  return (
    <>
      <Compared found={found.reconciliation} />
      {currencies.length === 0 ? (
        <p className="mt-4 text-ink-2">{b.books.nothing}</p>
      ) : (
        <Sheet className="mt-4">
          <Currencies rows={currencies} />
        </Sheet>
      )}
      {unmatched > 0 && <p className="mt-2 text-table text-ink-2">{b.books.unmatched(unmatched)}</p>}
      <Fees rows={found.paymentFees} />
    </>
  );
}

/** Whether Stripe and Golive agree: what is only noted is no difference, and not to know is not to agree. */
function Compared({ found: { agree, mismatches, notes, checkedAt } }: { found: Found['reconciliation'] }) {
  return (
    <Notice tone={agree === null ? 'caution' : agree ? 'positive' : 'critical'}>
      {agree === null ? (
        <p>{b.books.unknown}</p>
      ) : (
        <p>
          {agree ? b.books.agrees : b.books.differs(mismatches.length)} {b.books.checked} <When at={checkedAt} />
        </p>
      )}
      <Sentences all={mismatches} />
      <Sentences all={notes} />
    </Notice>
  );
}

function Sentences({ all }: { all: readonly string[] }) {
  return (
    all.length > 0 && (
      <ul className="mt-1 list-disc pl-5">
        {all.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    )
  );
}

function Currencies({ rows }: { rows: Found['reconciliation']['currencies'] }) {
  const sums = ['captured', 'refunded', 'disputed', 'fees', 'net', 'paidOut'] as const;
  return (
    <Table
      label={t.orders.tabs.books}
      columns={[
        { name: b.books.currency },
        { name: b.books.charged, right: true },
        ...sums.map((sum) => ({ name: b.books[sum], right: true })),
      ]}
      rows={rows.map((row) => ({
        key: row.currency,
        cells: [
          row.currency.toUpperCase(),
          row.charged.map((amount) => (
            <span key={amount.currency} className="block">
              <Money of={amount} />
            </span>
          )),
          ...sums.map((sum) => <Money key={sum} of={row[sum]} />),
        ],
      }))}
    />
  );
}

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });

function Fees({ rows }: { rows: Found['paymentFees'] }) {
  return (
    <Section title={b.books.byMethod}>
      {rows.length === 0 ? (
        <p className="text-ink-2">{b.books.noFees}</p>
      ) : (
        <Sheet>
          <Table
            label={b.books.byMethod}
            columns={[
              { name: b.books.method },
              { name: b.books.payments, right: true },
              { name: b.payouts.gross, right: true },
              { name: b.payouts.fee, right: true },
              { name: b.books.rate, right: true },
            ]}
            rows={rows.map((row) => ({
              key: `${row.method} ${row.currency}`,
              cells: [
                methodOf(row.method),
                row.count,
                <Money key="gross" of={row.gross} />,
                <Money key="fee" of={row.fee} />,
                row.effectiveRate === null ? '–' : percent.format(row.effectiveRate),
              ],
            }))}
          />
        </Sheet>
      )}
      <p className="mt-2 text-xs text-ink-3">{b.books.rateWhat}</p>
    </Section>
  );
}
