import { ChevronRight, CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import * as t from '../messages/en';
import { cx } from '../ui/cx';
import type { Check } from './documents';

const looks: Record<string, [typeof CircleX, string]> = {
  FAILED: [CircleX, 'text-critical'],
  WARNING: [TriangleAlert, 'text-caution'],
  PASSED: [CircleCheck, 'text-positive'],
};

/** What was checked: what failed first, each with what to do; what passed is folded away. */
export function Checks({ results }: { results: Check[] }) {
  const of = (status: string) => results.filter((result) => result.status === status);
  const [failed, warned, passed] = [of('FAILED'), of('WARNING'), of('PASSED')];
  return (
    <div>
      <ul className="divide-y divide-hairline">
        {[...failed, ...warned].map((result) => (
          <Item key={result.check} result={result} />
        ))}
      </ul>
      {passed.length > 0 && (
        <details className={cx('group', failed.length + warned.length > 0 && 'border-t border-hairline')}>
          <summary className="flex min-h-11 cursor-pointer list-none items-center gap-3 font-medium">
            <CircleCheck aria-hidden size={18} className="shrink-0 text-positive" />
            {failed.length + warned.length === 0 ? t.review.allPassed : t.review.passed(passed.length)}
            <ChevronRight aria-hidden size={16} className="text-ink-3 transition-transform group-open:rotate-90" />
          </summary>
          <ul className="pb-2">
            {passed.map((result) => (
              <li key={result.check} className="flex gap-3 py-1 pl-[1.875rem] text-table text-ink-2">
                <span className="w-40 shrink-0 text-ink">{nameOf(result.check)}</span>
                <span className="min-w-0 [overflow-wrap:anywhere]">{result.message}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** The group, where it says more than the name. */
const groupOf = ({ check, group }: Check) => (t.checks.groups[group] === nameOf(check) ? '' : t.checks.groups[group]);

const nameOf = (check: string) => t.checks.names[check] ?? check.replaceAll('_', ' ');

function Item({ result }: { result: Check }) {
  const [Icon, ink] = looks[result.status] ?? looks.PASSED!;
  const problems = result.problems.length > 1 ? result.problems : [];
  return (
    <li className="flex gap-3 py-3">
      <Icon aria-hidden size={18} className={cx('mt-px shrink-0', ink)} />
      <div className="min-w-0">
        <p className="font-semibold">
          {nameOf(result.check)}
          <span className="ml-2 text-xs font-normal text-ink-3">
            {result.couldNotRun ? t.review.couldNotRun : groupOf(result)}
          </span>
        </p>
        {problems.length === 0 ? (
          <p className="text-ink-2 [overflow-wrap:anywhere]">{result.message}</p>
        ) : (
          <ul className="list-disc pl-4 text-ink-2">
            {problems.map((problem) => (
              <li key={problem.message} className="[overflow-wrap:anywhere]">
                {problem.message}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
