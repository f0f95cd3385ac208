import type { ReactNode } from 'react';

export type Column = { name: string; right?: boolean };

/** Figures under their heads; on a phone the table scrolls by itself, reachable by key. */
export function Table({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: Column[];
  rows: { key: string; cells: ReactNode[] }[];
}) {
  return (
    // A region that scrolls has to be reachable without a mouse.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="group" aria-label={label} tabIndex={0} className="overflow-x-auto">
      <table className="data w-full border-collapse text-table">
        <thead>
          <tr className="border-b border-hairline">
            {columns.map(({ name, right }) => (
              <th
                key={name}
                scope="col"
                className={`px-4 py-2 font-medium whitespace-nowrap text-ink-3 ${right ? 'text-right' : 'text-left'}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-hairline">
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) => (
                <td
                  key={columns[i]?.name}
                  className={`px-4 py-2 whitespace-nowrap ${columns[i]?.right ? 'text-right' : 'text-left'}`}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
