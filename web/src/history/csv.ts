import * as t from '../messages/en';
import { statusOf } from '../status/status';
import type { Past } from './documents';

/** A cell that no spreadsheet reads as a formula. */
function cell(value: string | null | undefined): string {
  const text = value ?? '';
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Deployments as CSV (RFC 4180), one a line under a header. */
export function toCsv(rows: Past[]): string {
  const head = [
    'id',
    'product',
    'kind',
    'trigger',
    'status',
    'words',
    'requested_by',
    'reason',
    'created_at',
    'started_at',
    'finished_at',
  ];
  const lines = rows.map((row) => [
    row.id,
    row.product?.name ?? t.deployment.aDeployment,
    row.kind,
    row.trigger,
    row.status,
    statusOf(row).word,
    row.requestedBy,
    row.reason,
    row.createdAt,
    row.startedAt,
    row.finishedAt,
  ]);
  return [head, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}
