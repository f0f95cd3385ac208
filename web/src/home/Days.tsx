import * as t from '../messages/en';
import type { Metrics } from './documents';

type Day = Metrics['days'][number];

const height = 96;
const step = 24;

/** Go-lives per day: bars told apart by height and pattern, and the same as a table. */
export function Days({ days }: { days: Day[] }) {
  const most = Math.max(0, ...days.map((day) => day.completed + day.failed + day.cancelled));
  if (most === 0) return null;
  return (
    <figure className="mt-6">
      <figcaption className="mb-2 text-table text-ink-2">{t.home.perDay}</figcaption>
      <svg
        aria-hidden
        viewBox={`0 0 ${days.length * step} ${height + 16}`}
        className="h-32 w-full"
        preserveAspectRatio="none"
      >
        <line
          x1="0"
          x2={days.length * step}
          y1={height}
          y2={height}
          className="stroke-hairline"
          vectorEffect="non-scaling-stroke"
        />
        {days.map((day, i) => (
          <Bar key={day.day} day={day} x={i * step} scale={(height - 4) / most} />
        ))}
      </svg>
      <details className="mt-1">
        <summary className="cursor-pointer text-xs text-ink-3">{t.home.asTable}</summary>
        <table className="data mt-2 w-full max-w-md text-table">
          <thead>
            <tr className="text-left text-ink-3">
              {[t.home.day, t.home.completed, t.home.failed, t.home.cancelled].map((name) => (
                <th key={name} scope="col" className="py-1 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days
              .filter((day) => day.completed + day.failed + day.cancelled > 0)
              .map((day) => (
                <tr key={day.day} className="border-t border-hairline">
                  <th scope="row" className="py-1 text-left font-normal">
                    {day.day}
                  </th>
                  <td>{day.completed}</td>
                  <td>{day.failed}</td>
                  <td>{day.cancelled}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function Bar({ day, x, scale }: { day: Day; x: number; scale: number }) {
  const parts = [
    [day.completed, 'fill-positive'],
    [day.failed, 'fill-critical'],
    [day.cancelled, 'fill-ink-3'],
  ] as const;
  let y = height;
  return (
    <>
      {parts.map(([n, fill]) => {
        y -= n * scale;
        return (
          <rect
            key={fill}
            x={x + 5}
            y={y}
            width={step - 10}
            height={Math.max(0, n * scale - (n > 0 ? 1 : 0))}
            className={fill}
          />
        );
      })}
    </>
  );
}
