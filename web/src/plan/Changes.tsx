import { ArrowRight, TriangleAlert } from 'lucide-react';
import * as t from '../messages/en';
import { cx } from '../ui/cx';
import type { Change } from './documents';
import { amounts, fieldName, type Line, valued } from './lines';

const looks: Record<string, string> = {
  CREATE: 'bg-positive-tint text-positive',
  UPDATE: 'bg-info-tint text-info',
  REACTIVATE: 'bg-positive-tint text-positive',
  ARCHIVE: 'bg-caution-tint text-caution',
};

/** What would be written to live, a line for each change that a person would name. */
export function Changes({ lines, fresh }: { lines: Line[]; fresh?: Set<string> }) {
  return (
    <ul className="divide-y divide-hairline">
      {lines.map((line) => (
        <Item key={line.key} line={line} fresh={fresh?.has(line.key)} />
      ))}
    </ul>
  );
}

function Item({ line, fresh }: { line: Line; fresh?: boolean }) {
  const { change } = line;
  const money = amounts(line);
  return (
    <li className={cx('py-3.5', fresh && '-mx-3 rounded-control bg-info-tint px-3')}>
      <div className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1">
        <span className={cx('rounded-full px-2 py-0.5 text-xs font-medium', looks[change.action])}>
          {t.deployment.action(change.action)}
        </span>
        <span className="min-w-0 font-semibold [overflow-wrap:anywhere]">{change.label}</span>
        {fresh && (
          <span className="rounded-full bg-info px-2 py-0.5 text-xs font-medium text-surface">{t.review.isNew}</span>
        )}
      </div>
      {money ? (
        <p className="data mt-1.5 flex flex-wrap items-center gap-x-2 text-base">
          {money.before && (
            <>
              <del className="text-ink-3">{money.before}</del>
              <ArrowRight aria-hidden size={14} className="text-ink-3" />
            </>
          )}
          <ins className="font-semibold no-underline">{money.after}</ins>
        </p>
      ) : (
        change.fields.length === 0 && <p className="mt-1 text-ink-2">{change.summary}</p>
      )}
      {line.replaces && <p className="mt-0.5 text-xs text-ink-2">{t.review.repriced}</p>}
      <Fields change={change} />
      {change.rollbackNote && change.action === 'CREATE' && (
        <p className="mt-1.5 text-xs text-ink-3">{change.rollbackNote}</p>
      )}
      {!change.reversible && change.action !== 'CREATE' && (
        <p className="mt-2 flex items-start gap-1.5 text-xs text-caution">
          <TriangleAlert aria-hidden size={14} className="mt-px shrink-0" />
          <span>
            <strong className="font-semibold">{t.review.irreversible}.</strong> {change.rollbackNote}
          </span>
        </p>
      )}
    </li>
  );
}

/** How many fields of something new are told at once; of a change all are. */
const few = 4;

/** What the amount above tells already, or nobody chose. */
const told = new Set([
  'active',
  'currency',
  'billing_scheme',
  'unit_amount',
  'unit_amount_decimal',
  'product',
  'type',
  'nickname',
  'name',
]);

function Fields({ change }: { change: Change }) {
  const fields =
    change.action === 'CREATE' ? change.fields.filter((field) => !told.has(field.field)).slice(0, few) : change.fields;
  if (fields.length === 0) return null;
  return (
    <dl className="mt-1.5 grid gap-x-4 gap-y-1 text-table sm:grid-cols-[10rem_minmax(0,1fr)]">
      {fields.map((field) => (
        <div key={field.field} className="contents">
          <dt className="text-ink-3">{fieldName(field.field)}</dt>
          <dd className="min-w-0 [overflow-wrap:anywhere]">
            {change.action !== 'CREATE' && (
              <>
                <del className="text-ink-3">{valued(field.before)}</del>{' '}
                <ArrowRight aria-hidden size={12} className="mx-0.5 inline text-ink-3" />{' '}
              </>
            )}
            <ins className="no-underline">{valued(field.after)}</ins>
            {field.drifted && <span className="ml-2 text-xs text-caution">{t.review.overwritten}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
